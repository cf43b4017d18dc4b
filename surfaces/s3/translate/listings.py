"""Lists of objects: keys one by one, and those below a delimiter as one common prefix."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from common.clock import rfc3339
from surfaces.s3.translate.requests import parse_whole
from surfaces.s3.translate.xml import Element, fields
from vocabulary.errors import InvalidRequest

if TYPE_CHECKING:
    from files.models import StoredObject

MOST: Final = 1000
STEP: Final = 100
"""Rows that are looked at together where groups are passed over."""
BEHIND_ALL: Final = chr(0x10FFFF) * 256
"""Longer than any key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a listing asks for. `after` is the key, or common prefix, that the one before ended on;
    `style` 1 is the older form of the operation."""

    style: int
    prefix: str = ""
    delimiter: str = ""
    after: str = ""
    most: int = MOST
    encoded: bool = False


@dataclass(slots=True, kw_only=True)
class Listing:
    """What was found: `groups` are common prefixes, `last` where the next one goes on."""

    rows: list["StoredObject"] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    last: str = ""
    is_cut: bool = False

    @property
    def count(self) -> int:
        return len(self.rows) + len(self.groups)


type Find = Callable[[str, int], Sequence["StoredObject"]]
"""Up to so many rows behind a path."""


def parse_wanted(query: Mapping[str, str]) -> Wanted:
    style = 2 if query.get("list-type") == "2" else 1
    encoding = query.get("encoding-type", "")
    if encoding not in {"", "url"}:
        raise InvalidRequest("encoding-type", "must be url")
    return Wanted(
        style=style,
        prefix=query.get("prefix", ""),
        delimiter=query.get("delimiter", ""),
        after=_parse_after(query, style),
        most=parse_whole(query, "max-keys", default=MOST, most=MOST),
        encoded=encoding == "url",
    )


def _parse_after(query: Mapping[str, str], style: int) -> str:
    if style == 1:
        return query.get("marker", "")
    token = query.get("continuation-token")
    if token is None:
        return query.get("start-after", "")
    try:
        after = base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise InvalidRequest("continuation-token", "is none of ours") from error
    if "\0" in after:
        raise InvalidRequest("continuation-token", "is none of ours")
    return after


def gather(wanted: Wanted, find: Find) -> Listing:
    """As much of the list as was asked for. What lies below a common prefix is passed over at
    once, however much it is."""
    listing = Listing(last=wanted.after)
    step = STEP if wanted.delimiter else wanted.most + 1
    is_more = wanted.most > 0
    while is_more:
        rows = find(_behind(wanted, listing.last), step)
        for row in rows:
            if listing.count and row.path <= _behind(wanted, listing.last):
                continue  # below the common prefix that was added last
            if listing.count == wanted.most:
                listing.is_cut = True
                return listing
            _add(listing, row, _group(wanted, row.path))
        is_more = len(rows) == step
    return listing


def _add(listing: Listing, row: "StoredObject", group: str) -> None:
    if group:
        listing.groups.append(group)
        listing.last = group
    else:
        listing.rows.append(row)
        listing.last = row.path


def _group(wanted: Wanted, path: str) -> str:
    """The common prefix that a path falls under; empty for none."""
    if not wanted.delimiter or not path.startswith(wanted.prefix):
        return ""
    head, found, _ = path[len(wanted.prefix) :].partition(wanted.delimiter)
    return f"{wanted.prefix}{head}{found}" if found else ""


def _behind(wanted: Wanted, last: str) -> str:
    """The path behind which to look on."""
    is_group = bool(last) and _group(wanted, last) == last
    return last + BEHIND_ALL if is_group else last


# -- out ----------------------------------------------------------------------------------------
def render_listing(bucket: str, wanted: Wanted, listing: Listing) -> Element:
    spelled = _url if wanted.encoded else str
    inside = fields(
        Name=bucket,
        Prefix=spelled(wanted.prefix),
        MaxKeys=wanted.most,
        IsTruncated="true" if listing.is_cut else "false",
    )
    if wanted.delimiter:
        inside += fields(Delimiter=spelled(wanted.delimiter))
    if wanted.encoded:
        inside += fields(EncodingType="url")
    inside += _render_places(wanted, listing, spelled)
    inside += [_render_row(row, spelled) for row in listing.rows]
    inside += [Element("CommonPrefixes", fields(Prefix=spelled(g))) for g in listing.groups]
    return Element("ListBucketResult", inside)


def _render_places(
    wanted: Wanted, listing: Listing, spelled: Callable[[str], str]
) -> list[Element]:
    if wanted.style == 1:
        places = fields(Marker=spelled(wanted.after))
        return places + (fields(NextMarker=spelled(listing.last)) if listing.is_cut else [])
    places = fields(KeyCount=listing.count)
    if listing.is_cut:
        token = base64.urlsafe_b64encode(listing.last.encode()).decode()
        places += fields(NextContinuationToken=token)
    return places


def _render_row(row: "StoredObject", spelled: Callable[[str], str]) -> Element:
    return Element(
        "Contents",
        fields(
            Key=spelled(row.path),
            LastModified=rfc3339(row.updated_at),
            ETag=f'"{row.etag}"',
            Size=row.blob.size,
            StorageClass="STANDARD",
        ),
    )


def _url(text: str) -> str:
    return quote(text, safe="/")
