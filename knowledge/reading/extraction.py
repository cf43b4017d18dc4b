"""From a file to its text, in this very process: `apart` does it where it can do no harm."""

from importlib import import_module
from pathlib import Path
from typing import Final, Protocol, cast

from knowledge.reading.extracts import (
    MOST_BYTES,
    MOST_CHARACTERS,
    Extract,
    TooLong,
    Unreadable,
)
from knowledge.reading.kinds import HEAD, Medium, find_medium

_PACKAGE: Final = "knowledge.reading"
# By name: a library is imported for the file that needs it, which saves each process most of its
# time.
_READERS: Final[dict[Medium, str]] = {
    "pdf": "pdf",
    "zip": "word",
    "html": "html",
    "json": "objects",
    "csv": "tables",
    "text": "plain",
}


class _Reader(Protocol):
    """A module of this package. `most` is in characters."""

    def read(self, path: Path, most: int, media_type: str) -> Extract: ...


def extract(path: Path, *, name: str, media_type: str = "", most: int = MOST_CHARACTERS) -> Extract:
    """The text of a file that its sender calls `name`. Raises `Unreadable`."""
    if path.stat().st_size > MOST_BYTES:
        raise TooLong(f"is larger than {MOST_BYTES // 1_000_000} MB")
    with path.open("rb") as file:
        medium = find_medium(file.read(HEAD), name, media_type)
    if medium not in _READERS:
        raise Unreadable("is a recording, which has to be transcribed")
    if medium == "json":
        return _read_json(path, name, media_type, most)
    return _reader(medium).read(path, most, media_type)


def _read_json(path: Path, name: str, media_type: str, most: int) -> Extract:
    """Text that only begins like JSON is text, unless it is called JSON."""
    # Imported here for the reason given above.
    from knowledge.reading.objects import NotJson, is_declared

    try:
        return _reader("json").read(path, most, media_type)
    except NotJson:
        if is_declared(name, media_type):
            raise
    return _reader("text").read(path, most, media_type)


def _reader(medium: Medium) -> _Reader:
    return cast(_Reader, import_module(f"{_PACKAGE}.{_READERS[medium]}"))
