"""Bytes on their way in: a temporary file that is hashed while it is written."""

import hashlib
import os
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from common.scratch import scratch
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


def spooled_file(path: Path) -> Spooled:
    """The same for a temporary file that somebody else has written."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        md5 = hashlib.file_digest(file, _md5).hexdigest()
    return Spooled(path=path, size=path.stat().st_size, sha256=sha256, md5=md5)


class _Writing:
    """A file that grows, and what is known of it so far."""

    def __init__(self, path: Path, most: int) -> None:
        self._path, self._most, self._size = path, most, 0
        self._file = path.open("wb")
        self._sha256 = hashlib.sha256()
        self._md5 = _md5()

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


def _md5() -> "hashlib._Hash":
    return hashlib.md5(usedforsecurity=False)


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
