"""Bytes on their way out."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

from django.core.files import File
from django.core.files.storage import default_storage

from common.scratch import scratch
from files.models import Blob
from files.threads import in_file_thread
from vocabulary.errors import TooLarge

PIECE: Final = 256 * 1024


async def stream(blob: Blob, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
    """The bytes from `start` up to, without, `end`."""
    left = (blob.size if end is None else min(end, blob.size)) - start
    if left <= 0:
        return
    file = await in_file_thread(_open, blob, start)
    try:
        while left > 0 and (piece := await in_file_thread(file.read, min(PIECE, left))):
            left -= len(piece)
            yield piece
    finally:
        file.close()


def read_bytes(blob: Blob, *, most: int) -> bytes:
    """All of them; `TooLarge` if there are more than `most`."""
    if blob.size > most:
        raise TooLarge(f"the file has {blob.size} bytes; at most {most} can be read here")
    with _open(blob, 0) as file:
        data: bytes = file.read()
    return data


def read_pieces(blob: Blob) -> Iterator[bytes]:
    """All of them, piece by piece, in the calling thread."""
    with _open(blob, 0) as file:
        while piece := file.read(PIECE):
            yield piece


@contextmanager
def local_file(blob: Blob) -> Iterator[Path]:
    """A file with these bytes, to be read only: the stored one itself where the storage is local,
    else a copy that is gone after the block."""
    try:
        kept = Path(default_storage.path(blob.storage_name))
    except NotImplementedError:
        with scratch() as copy:
            with copy.open("wb") as file:
                file.writelines(read_pieces(blob))
            yield copy
    else:
        yield kept


@asynccontextmanager
async def at_hand(blob: Blob) -> AsyncGenerator[Path]:
    """`local_file` for an event loop: fetching and deleting a copy is done in a thread."""
    held = local_file(blob)
    path = await in_file_thread(held.__enter__)
    try:
        yield path
    finally:
        await in_file_thread(held.__exit__, None, None, None)


def _open(blob: Blob, start: int) -> "File[bytes]":
    file: File[bytes] = default_storage.open(blob.storage_name, "rb")
    if start:
        file.seek(start)
    return file
