"""Bytes on their way in: a temporary file below `DATA_DIR/tmp`, hashed while it is written.

It stands beside the local storage, so that a finished file gets there by being renamed.
"""

import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from files.threads import in_file_thread
from vocabulary.errors import TooLarge

PIECE: Final = 512 * 1024
"""Bytes that are gathered before a thread is asked to write them."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """A whole temporary file. Putting it into a bucket may take the file away."""

    path: Path
    size: int
    sha256: str
    md5: str


@asynccontextmanager
async def spooled(chunks: AsyncIterator[bytes], *, most: int) -> AsyncIterator[Spooled]:
    """All of `chunks`, while the block lasts; `TooLarge` beyond `most` bytes."""
    with scratch() as path:
        writing = _Writing(path, most)
        try:
            async for piece in _gathered(chunks):
                await in_file_thread(writing.add, piece)
            done = await in_file_thread(writing.end)
        finally:
            writing.close()
        yield done


@contextmanager
def spooled_pieces(pieces: Iterable[bytes], *, most: int) -> Iterator[Spooled]:
    """The same for bytes that are at hand, in the calling thread."""
    with scratch() as path:
        writing = _Writing(path, most)
        try:
            for piece in pieces:
                writing.add(piece)
            done = writing.end()
        finally:
            writing.close()
        yield done


@contextmanager
def spooled_bytes(data: bytes) -> Iterator[Spooled]:
    """The same for bytes that are all there."""
    with spooled_pieces([data], most=len(data)) as done:
        yield done


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty temporary file, deleted at the end unless somebody took it."""
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place)
    os.close(handle)
    path = Path(name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def folder() -> Path:
    """Where temporary files are."""
    place: Path = settings.DATA_DIR / "tmp"
    return place


class _Writing:
    """A file that grows, and what is known of it so far."""

    def __init__(self, path: Path, most: int) -> None:
        self._path, self._most, self._size = path, most, 0
        self._file = path.open("wb")
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)

    def add(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._most:
            raise TooLarge(f"there is room for {self._most} bytes here, and more came")
        self._sha256.update(piece)
        self._md5.update(piece)
        self._file.write(piece)

    def end(self) -> Spooled:
        """On the disk for good: whoever is told that it is stored may rely on it."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return Spooled(self._path, self._size, self._sha256.hexdigest(), self._md5.hexdigest())

    def close(self) -> None:
        self._file.close()


async def _gathered(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Fewer and larger pieces."""
    held = bytearray()
    async for chunk in chunks:
        held += chunk
        if len(held) >= PIECE:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)
