"""What a request names: bucket, key, and the words of its query."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from vocabulary.errors import InvalidRequest, NotFound
from wire.sigv4 import split_query

META: Final = "x-amz-meta-"
ANSWER: Final = "response-"
_CHANGEABLE: Final = frozenset(
    {
        "cache-control", "content-disposition", "content-encoding", "content-language",
        "content-type", "expires",
    }
)  # fmt: skip
_HEADER: Final = re.compile(r"[ -~]{1,1000}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`key` is empty where a bucket is meant."""

    bucket: str
    key: str = ""


def parse_place(raw_path: str, prefix: str) -> Place:
    """From a path as on the wire, below `prefix`; its characters are bytes."""
    try:
        text = unquote_to_bytes(raw_path.encode("latin-1")).decode()
    except UnicodeError as error:
        raise InvalidRequest("key", "is not UTF-8") from error
    if "\0" in text:
        raise InvalidRequest("key", "has a character that no name has")
    bucket, _, key = text.removeprefix(f"/{prefix}/").partition("/")
    return Place(bucket=bucket, key=key)


def parse_source(header: str) -> Place:
    """What `x-amz-copy-source` names."""
    path, _, version = header.partition("?")
    if version:
        raise InvalidRequest("x-amz-copy-source", "there are no versions here")
    place = parse_place("/x/" + path.removeprefix("/"), "x")
    if not place.key:
        raise InvalidRequest("x-amz-copy-source", "must name a bucket and a key")
    return place


def parse_query(query: str) -> dict[str, str]:
    """The last value of each name."""
    words = dict(split_query(query))
    if strange := [name for name, text in words.items() if "\0" in name + text]:
        raise InvalidRequest(strange[0].replace("\0", ""), "has a character that no text has")
    return words


def parse_metadata(headers: Mapping[str, str]) -> dict[str, str]:
    """What `x-amz-meta-…` headers say."""
    given = {n.removeprefix(META): t for n, t in headers.items() if n.startswith(META)}
    try:
        return {name: text.encode("latin-1").decode() for name, text in given.items()}
    except UnicodeError as error:
        raise InvalidRequest(META, "must be UTF-8") from error


def parse_directive(headers: Mapping[str, str]) -> bool:
    """Whether a copy has metadata of its own instead of its source's."""
    given = headers.get("x-amz-metadata-directive", "COPY")
    if given not in {"COPY", "REPLACE"}:
        raise InvalidRequest("x-amz-metadata-directive", "must be COPY or REPLACE")
    return given == "REPLACE"


def parse_answer_headers(query: Mapping[str, str]) -> dict[str, str]:
    """Headers that an answer is to have instead of its own. None can end its line here."""
    given = {
        name.removeprefix(ANSWER): text
        for name, text in query.items()
        if name.removeprefix(ANSWER) in _CHANGEABLE and name.startswith(ANSWER)
    }
    for name, text in given.items():
        if not _HEADER.fullmatch(text):
            raise InvalidRequest(f"{ANSWER}{name}", "must be printable ASCII characters")
    return given


def parse_whole(query: Mapping[str, str], name: str, *, default: int, most: int) -> int:
    """A whole number from 0 on; more than `most` is `most`."""
    text = query.get(name) or str(default)
    if not (text.isascii() and text.isdecimal()):
        raise InvalidRequest(name, "must be a whole number")
    return min(int(text[:12]), most)


def parse_upload_id(query: Mapping[str, str]) -> uuid.UUID:
    """Raises `NotFound`: what is no id is the id of nothing."""
    try:
        return uuid.UUID(query.get("uploadId", ""))
    except ValueError:
        raise NotFound("there is no such upload") from None
