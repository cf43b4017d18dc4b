"""Sound as a caller wants it: lengths measured, formats changed where an upstream lacks them."""

import asyncio
from dataclasses import replace
from typing import Final

from common import audio
from common.scratch import scratch
from vocabulary.errors import DomainError
from vocabulary.speech import SpeechRequest, SpeechResponse
from vocabulary.transcription import Recording

MOST_SECONDS: Final = 3_600.0


async def measure(recording: Recording) -> float | None:
    """The length of a recording in seconds; None where it cannot be told here."""
    try:
        return (await asyncio.to_thread(audio.probe, recording.path)).seconds
    except DomainError:
        return None


async def in_format(response: SpeechResponse, request: SpeechRequest) -> SpeechResponse:
    """The speech in the format, and where it matters at the rate, that `request` asks for."""
    if _fits(response, request):
        return response
    content, rate = await asyncio.to_thread(_recode, response, request)
    return replace(response, audio=content, format=request.format, sample_rate=rate)


def _fits(response: SpeechResponse, request: SpeechRequest) -> bool:
    """Rates of compressed sound are their encoders' affair; a WAV file is cheap to make right."""
    if response.format != request.format:
        return False
    return request.format != "wav" or request.sample_rate in (None, response.sample_rate)


def _recode(response: SpeechResponse, request: SpeechRequest) -> tuple[bytes, int]:
    """The sound, and its rate."""
    with scratch() as path:
        path.write_bytes(response.audio)
        sound = audio.decode(path, most_seconds=MOST_SECONDS)
    rate = audio.rate_for(sound.rate, request.format, request.sample_rate)
    return audio.encode(sound, request.format, rate), rate
