"""The text of a stored file: read where it is written, written down where it is spoken."""

from pathlib import Path, PurePosixPath
from typing import Final

from common.db import in_thread
from files.contents import at_hand
from files.models import Blob
from files.threads import in_file_thread
from inference.origin import Origin
from inference.queries import Power, choose_model
from inference.services import transcribe
from knowledge.reading.apart import extract_apart
from knowledge.reading.extracts import (
    MOST_BYTES,
    MOST_CHARACTERS,
    Extract,
    TooLong,
    Unreadable,
    Writing,
)
from knowledge.reading.kinds import HEAD, is_recording
from organisations.actor import Actor
from vocabulary.errors import InvalidRequest, TooLarge, UnsupportedMedia
from vocabulary.transcription import Recording, TranscriptionRequest

# What a transcriber says of the recording; other errors are its own.
_OF_THE_FILE: Final = (InvalidRequest, TooLarge, UnsupportedMedia)


async def read_document(
    actor: Actor,
    blob: Blob,
    *,
    path: str,
    content_type: str,
    origin: Origin,
    most: int = MOST_CHARACTERS,
) -> Extract:
    """Up to `most` characters. Raises `Unreadable`, with the reason, for what has no text to give,
    and for recordings what keeps the transcriber from its work: `ModelNotFound`, `NotInstalled`, or
    an `UpstreamError`."""
    if blob.size > MOST_BYTES:
        raise TooLong(f"is larger than {MOST_BYTES // 1_000_000} MB")
    name = PurePosixPath(path).name
    async with at_hand(blob) as file:
        if is_recording(await in_file_thread(_read_head, file)):
            recording = Recording(path=file, name=name, media_type=content_type, size=blob.size)
            return await _listen(actor, recording, origin, most)
        return await extract_apart(file, name=name, media_type=content_type, most=most)


async def _listen(actor: Actor, recording: Recording, origin: Origin, most: int) -> Extract:
    try:
        model = await in_thread(choose_model, actor, "", Power.TRANSCRIPTION)
        request = TranscriptionRequest(model=model, recording=recording)
        heard = await transcribe(actor, request, origin)
    except _OF_THE_FILE as error:
        raise Unreadable(f"cannot be transcribed: {error.message}") from error
    return Writing(most).add_all([heard.text]).extract("recording")


def _read_head(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(HEAD)
    except FileNotFoundError:
        raise Unreadable("is no longer in the storage") from None
