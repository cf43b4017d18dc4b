"""Transcriptions and speech as calls to a server of the OpenAI format.

`markup` is refused; a language's region is dropped, for these know ISO 639-1. Models that answer
transcriptions in plain JSON alone (`gpt-4o-transcribe` and its kin; others by the account's option
`transcription_format`: "json") tell no times.
"""

import re
from typing import TYPE_CHECKING, Final

from common.bodies import dump_json
from providers.openai.endpoint import Endpoint
from providers.sounds import (
    LISTENING,
    MAX_AUDIO,
    check_plain,
    file_part,
    sound_in,
    wav_rate,
)
from vocabulary.json import JsonObject
from vocabulary.speech import AudioFormat, SpeechRequest, SpeechResponse, Voice
from vocabulary.transcription import TranscriptionRequest
from wire.http import Deadlines, FormFile, HttpCall, Reply

if TYPE_CHECKING:
    from providers.protocols import Account, Target

PCM_RATE: Final = 24_000
DEFAULT_VOICE: Final = "alloy"
VOICES: Final = (
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage",
    "shimmer", "verse",
)  # fmt: skip
"""https://platform.openai.com/docs/guides/text-to-speech"""
_PLAIN_JSON: Final = re.compile(r"gpt-4o.*transcribe")
_NATIVE: Final[frozenset[AudioFormat]] = frozenset({"mp3", "wav", "flac", "pcm"})


# -- listening ----------------------------------------------------------------------------------
def encode_transcription(request: TranscriptionRequest, target: "Target") -> HttpCall:
    endpoint = Endpoint(account=target.account)
    return HttpCall(
        method="POST",
        url=endpoint.url(target, "audio/transcriptions"),
        headers=endpoint.headers(),
        body=(*_fields(request, target), ("file", file_part(request.recording))),
        deadlines=Deadlines(total=max(endpoint.timeout, LISTENING), between_bytes=LISTENING),
    )


def _fields(
    request: TranscriptionRequest, target: "Target"
) -> tuple[tuple[str, str | FormFile], ...]:
    plain = _answers_plainly(target)
    given = {
        "model": target.model,
        "response_format": "json" if plain else "verbose_json",
        "language": (request.language or "").partition("-")[0],
        "prompt": request.prompt or "",
        "temperature": "" if request.temperature is None else f"{request.temperature:g}",
    }
    times = () if plain else sorted(request.granularities)
    return (
        *((name, text) for name, text in given.items() if text),
        *(("timestamp_granularities[]", time) for time in times),
    )


def _answers_plainly(target: "Target") -> bool:
    told = target.account.options.get("transcription_format")
    return told == "json" or _PLAIN_JSON.search(target.model) is not None


# -- speaking -----------------------------------------------------------------------------------
def encode_speech(request: SpeechRequest, target: "Target") -> HttpCall:
    """Raises Unrepresentable."""
    check_plain(request)
    endpoint = Endpoint(account=target.account)
    body: JsonObject = {
        "model": target.model,
        "input": request.text,
        "voice": request.voice or DEFAULT_VOICE,
        "response_format": spoken_format(request),
        **({} if request.speed == 1.0 else {"speed": request.speed}),
        **request.extras.get("openai", {}),
    }
    return HttpCall(
        method="POST",
        url=endpoint.url(target, "audio/speech"),
        headers=endpoint.headers(),
        body=dump_json(body),
        deadlines=Deadlines(total=endpoint.timeout),
        max_bytes=MAX_AUDIO,
    )


def spoken_format(request: SpeechRequest) -> AudioFormat:
    """What is asked for; bare samples come at one rate alone, other formats are made of WAV."""
    if request.format == "pcm" and request.sample_rate not in (None, PCM_RATE):
        return "wav"
    return request.format if request.format in _NATIVE else "wav"


def decode_speech(reply: Reply, request: SpeechRequest, model: str) -> SpeechResponse:
    """Raises UpstreamUnavailable."""
    audio = sound_in(reply)
    spoken = spoken_format(request)
    rate = PCM_RATE if spoken == "pcm" else wav_rate(audio)
    return SpeechResponse(model=model, audio=audio, format=spoken, sample_rate=rate)


def list_voices(account: "Account") -> tuple[Voice, ...]:
    """No server of this format lists them: those in the account's option `voices`, else OpenAI's
    own."""
    told = account.options.get("voices")
    names = [name for name in told if isinstance(name, str)] if isinstance(told, list) else VOICES
    return tuple(Voice(id=name, name=name.capitalize()) for name in names)
