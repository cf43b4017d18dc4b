"""Bytes out: whole, in part, and by a storage that is not on this machine."""

from io import BytesIO
from pathlib import Path
from typing import ClassVar

import pytest
from django.core.files import File
from django.core.files.storage import Storage

from common.db import in_thread
from files import contents, services
from files.models import Blob
from files.spool import spooled
from organisations.actor import Actor, system
from organisations.services import create_organisation
from vocabulary.errors import TooLarge

DATA = bytes(range(256)) * 4096  # a megabyte


def _stored() -> Blob:
    return services.put_bytes(system(create_organisation("ours").pk), "papers", "a", DATA).blob


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, None), (5, 10), (0, 1), (len(DATA) - 1, None), (300_000, 900_000), (7, 7), (9**9, None)],
)
async def test_a_stream_is_the_bytes_between(start, end, transactional_db):
    blob = await in_thread(_stored)
    assert b"".join([piece async for piece in contents.stream(blob, start, end)]) == DATA[start:end]


async def _chunks(*sizes: int):
    for size in sizes:
        yield b"x" * size


async def test_what_streams_in_is_hashed_and_bounded(place: Path):
    async with spooled(_chunks(10, 600_000, 3), most=600_013) as file:
        assert (file.size, file.path.stat().st_size) == (600_013, 600_013)
        assert len(file.sha256) == 64
    assert not file.path.exists()
    with pytest.raises(TooLarge):
        async with spooled(_chunks(10, 4), most=13):
            raise AssertionError
    assert list((place.parent / "tmp").iterdir()) == []


class Distant(Storage):
    """Has no paths, and takes a file by reading it."""

    kept: ClassVar[dict[str, bytes]] = {}

    def exists(self, name: str) -> bool:
        return name in self.kept

    def _save(self, name: str, content: File) -> str:
        self.kept[name] = content.read()
        return name

    def _open(self, name: str, mode: str = "rb") -> File:
        return File(BytesIO(self.kept[name]), name=name)


def test_a_distant_storage_lends_a_copy(actor: Actor, settings):
    default = {"BACKEND": f"{__name__}.Distant"}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    blob = services.put_bytes(actor, "papers", "a", DATA).blob
    with contents.local_file(blob) as path:
        assert path.read_bytes() == DATA
    assert not path.exists()
    assert contents.read_bytes(blob, most=len(DATA)) == DATA
    with pytest.raises(TooLarge):
        contents.read_bytes(blob, most=10)
