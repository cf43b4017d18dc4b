"""Speech both ways: what is said in a recording, and texts spoken aloud. Each is counted.

A recording is paid by its seconds, speech by its characters.
"""

import asyncio
from dataclasses import replace
from typing import Final

from inference.counting import CountingFailure, commit
from inference.metering import Meter
from inference.origin import Origin
from inference.recoding import in_format, measure
from inference.recordings import recognised
from organisations.actor import Actor
from providers import routing
from providers.models import Power
from usage.models import Purpose
from vocabulary.chat import Usage
from vocabulary.speech import SpeechRequest, SpeechResponse
from vocabulary.transcription import TranscriptionRequest, TranscriptionResponse

BYTES_PER_SECOND: Final = 16_000
"""Of a recording whose length nobody can tell: MP3 at 128 kbit/s, a usual rate."""


async def transcribe(
    actor: Actor, request: TranscriptionRequest, origin: Origin
) -> TranscriptionResponse:
    """What is said in the recording, with its `duration` wherever it can be told."""
    origin = replace(origin, purpose=Purpose.TRANSCRIPTION.value)
    meter = Meter(actor, request.model, request.user, origin)
    async with CountingFailure(meter, lambda: _guess_listening(request)):
        target = await routing.resolve(actor, request.model, Power.TRANSCRIPTION)
        provider = routing.transcription_provider(target.account.kind)
        recording = await asyncio.to_thread(recognised, request.recording)
        meter.served_by(target)
        response = await provider.transcribe(replace(request, recording=recording), target)
        response = await _with_duration(response, request)
    await commit(meter.succeeded(response.usage))
    return response


async def speak(actor: Actor, request: SpeechRequest, origin: Origin) -> SpeechResponse:
    """The text as sound in the format asked for, whatever formats the upstream knows."""
    origin = replace(origin, purpose=Purpose.SPEECH.value)
    meter = Meter(actor, request.model, request.user, origin)
    async with CountingFailure(meter, lambda: _usage_of(request)):
        target = await routing.resolve(actor, request.model, Power.SPEECH)
        provider = routing.speech_provider(target.account.kind)
        meter.served_by(target)
        response = await provider.speak(request, target)
    if not response.usage.characters:
        characters = len(request.text)
        response = replace(response, usage=replace(response.usage, characters=characters))
    await commit(meter.succeeded(response.usage))
    return await in_format(response, request)


# -- what it was worth --------------------------------------------------------------------------
async def _with_duration(
    response: TranscriptionResponse, request: TranscriptionRequest
) -> TranscriptionResponse:
    """The recording's length as the upstream told it, else as it is measured here, else guessed
    for the ledger alone."""
    seconds = response.duration or response.usage.audio_seconds
    if not seconds:
        seconds = await measure(request.recording) or 0.0
    if not seconds:
        guess = _guess_listening(request)
        usage = replace(response.usage, audio_seconds=guess.audio_seconds, estimated=True)
        return replace(response, usage=usage)
    usage = replace(response.usage, audio_seconds=seconds)
    return replace(response, duration=response.duration or seconds, usage=usage)


def _guess_listening(request: TranscriptionRequest) -> Usage:
    return Usage(audio_seconds=request.recording.size / BYTES_PER_SECOND, estimated=True)


def _usage_of(request: SpeechRequest) -> Usage:
    return Usage(characters=len(request.text))
