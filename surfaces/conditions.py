"""Requests that depend on what the caller knows of a file (RFC 9110, section 13). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from vocabulary.errors import Conflict

if TYPE_CHECKING:
    from files.models import StoredObject
    from files.services import Check

type Headers = Mapping[str, str]
"""By lower-case name."""


class PreconditionFailed(Conflict):
    """The file is not what the request's conditions say."""

    code = "precondition_failed"


@dataclass(frozen=True, slots=True)
class State:
    """Of the file as it is; `etag` is without quotation marks."""

    etag: str
    modified: datetime


def check_write(headers: Headers, there: State | None) -> None:
    """Raise `PreconditionFailed` unless the file, or none, is what the caller expects."""
    wanted, unwanted = headers.get("if-match"), headers.get("if-none-match")
    if wanted is not None and not (there and _names(wanted, there.etag)):
        raise PreconditionFailed
    if unwanted is not None and there and _names(unwanted, there.etag):
        raise PreconditionFailed


def target_check(headers: Headers) -> "Check":
    """Refuses to write unless what is there is what the caller expects."""

    def check(there: "StoredObject | None") -> None:
        check_write(headers, State(there.etag, there.updated_at) if there else None)

    return check


def is_known(headers: Headers, there: State) -> bool:
    """Whether the reader has the file as it is. Raises `PreconditionFailed` if it wants another."""
    wanted, known = headers.get("if-match"), headers.get("if-none-match")
    if wanted is not None:
        if not _names(wanted, there.etag):
            raise PreconditionFailed
    elif (until := _time(headers.get("if-unmodified-since"))) and _whole(there.modified) > until:
        raise PreconditionFailed
    if known is not None:
        return _names(known, there.etag)
    since = _time(headers.get("if-modified-since"))
    return since is not None and _whole(there.modified) <= since


def wants_part(headers: Headers, there: State) -> bool:
    """Whether a range may be answered: `If-Range` asks for the whole of a file that changed."""
    known = headers.get("if-range")
    if known is None:
        return True
    since = _time(known)
    return known == f'"{there.etag}"' or since == _whole(there.modified)


def _names(header: str, etag: str) -> bool:
    tags = (tag.strip().removeprefix("W/").strip('"') for tag in header.split(","))
    return header.strip() == "*" or etag in tags


def _time(text: str | None) -> datetime | None:
    """An HTTP date; None for what is none."""
    try:
        at = parsedate_to_datetime(text or "")
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _whole(at: datetime) -> datetime:
    """HTTP knows whole seconds."""
    return at.replace(microsecond=0)
