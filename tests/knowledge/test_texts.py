"""A stored file becomes text: documents are read apart, recordings are transcribed."""

import wave
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage

from common.db import in_thread
from files.models import Blob
from files.services import put_bytes
from inference.origin import Origin
from knowledge import texts
from knowledge.reading.extracts import Extract, TooLong, Unreadable
from knowledge.texts import read_document
from organisations.actor import Actor
from providers.protocols import Target
from providers.services import create_provider
from tests.knowledge.stock import make_actor
from usage.models import UsageRecord
from vocabulary.errors import DomainError, InvalidRequest, NotInstalled, UpstreamTimedOut
from vocabulary.transcription import TranscriptionRequest, TranscriptionResponse

ORIGIN = Origin(surface="telnyx", request_id="r1")


class Ear:
    """Hears the same in everything, or fails; notes what it was given."""

    heard: ClassVar[list[tuple[str, bytes]]] = []
    error: ClassVar[DomainError | None] = None

    async def transcribe(
        self, request: TranscriptionRequest, target: Target
    ) -> TranscriptionResponse:
        recording = request.recording
        self.heard.append((recording.name, recording.path.read_bytes()))
        if self.error is not None:
            raise self.error
        return TranscriptionResponse(model=target.model, text="Hello there.", duration=1.5)


class Distant(Storage):
    """Its files have no place on this machine."""

    kept: ClassVar[dict[str, bytes]] = {}

    def exists(self, name: str) -> bool:
        return name in self.kept

    def _save(self, name: str, content: File) -> str:
        self.kept[name] = content.read()
        return name

    def _open(self, name: str, mode: str = "rb") -> File:
        return ContentFile(self.kept[name])


@pytest.fixture
async def actor(transactional_db: None, place: Path) -> Actor:
    return await in_thread(make_actor, "acme")


@pytest.fixture
async def ear(actor: Actor, settings: Any) -> AsyncIterator[type[Ear]]:
    settings.PROVIDERS = {"scripted": f"{__name__}.Ear"}
    await in_thread(
        create_provider,
        actor,
        kind="scripted",
        name="up",
        base_url="https://up.example.com",
        models=["whisper-1"],
    )
    Ear.heard.clear()
    yield Ear
    Ear.error = None


async def put(actor: Actor, path: str, data: bytes) -> Blob:
    return (await in_thread(put_bytes, actor, "papers", path, data)).blob


async def read(actor: Actor, path: str, data: bytes, **options: int) -> Extract:
    blob = await put(actor, path, data)
    return await read_document(actor, blob, path=path, content_type="", origin=ORIGIN, **options)


def make_wav() -> bytes:
    out = BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setparams((1, 2, 8_000, 0, "NONE", ""))
        sound.writeframes(bytes(8_000))
    return out.getvalue()


async def test_documents_are_read_apart(actor: Actor):
    assert (await read(actor, "a/page.html", b"<p>Hello")).text == "Hello"


async def test_a_storage_without_local_files_is_read_from_a_copy(actor: Actor, settings: Any):
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": f"{__name__}.Distant"}}
    assert (await read(actor, "a.txt", b"from afar")).text == "from afar"


async def test_recordings_are_transcribed_whatever_they_are_called(actor: Actor, ear: type[Ear]):
    sound = make_wav()
    extract = await read(actor, "calls/monday.txt", sound)
    assert (extract.text, extract.kind) == ("Hello there.", "recording")
    assert ear.heard == [("monday.txt", sound)]
    entry = await in_thread(UsageRecord.unscoped.get)
    assert entry.purpose == "transcription"


@pytest.mark.parametrize("error", [InvalidRequest("file", "is too long"), None])
async def test_a_recording_that_gives_no_text_is_unreadable(
    actor: Actor, ear: type[Ear], error: DomainError | None, monkeypatch: pytest.MonkeyPatch
):
    async def silence(*args: object) -> TranscriptionResponse:
        return TranscriptionResponse(model="m", text=" ")

    ear.error = error
    if error is None:
        monkeypatch.setattr(texts, "transcribe", silence)
    with pytest.raises(Unreadable, match="has no text" if error is None else "is too long"):
        await read(actor, "a.wav", make_wav())


async def test_what_fails_the_transcriber_is_no_fault_of_the_file(actor: Actor, ear: type[Ear]):
    ear.error = UpstreamTimedOut("too slow")
    with pytest.raises(UpstreamTimedOut):
        await read(actor, "a.wav", make_wav())


async def test_without_a_transcriber_recordings_wait_for_one(actor: Actor, settings: Any):
    settings.PROVIDERS = {}
    with pytest.raises(NotInstalled):
        await read(actor, "a.wav", make_wav())


async def test_only_as_much_text_is_taken_as_is_wanted(actor: Actor):
    with pytest.raises(TooLong):
        await read(actor, "a.txt", b"four", most=3)


async def test_a_large_file_is_not_touched(actor: Actor):
    blob = await put(actor, "a.txt", b"x")
    blob.size = 100_000_001
    with pytest.raises(TooLong, match="larger than 100 MB"):
        await read_document(actor, blob, path="a.txt", content_type="", origin=ORIGIN)


async def test_a_file_that_is_gone_is_unreadable(actor: Actor, place: Path):
    blob = await put(actor, "a.txt", b"x")
    (place / "files" / blob.storage_name).unlink()
    with pytest.raises(Unreadable, match="no longer in the storage"):
        await read_document(actor, blob, path="a.txt", content_type="", origin=ORIGIN)
