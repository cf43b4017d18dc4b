"""Transcriptions and speech as calls to Telnyx, and its replies as answers.

https://developers.telnyx.com/api-reference/text-to-speech-commands
https://developers.telnyx.com/api-reference/audio/transcribe-speech-to-text

A model that speaks is what a voice's name begins with (`telnyx.NaturalHD`, `azure`, `aws.Polly`),
and a voice may be given with it or without. Only some of the providers behind Telnyx can be told a
format and a speed; from the others comes MP3. Providers that Telnyx does not have are another
server's with its API, which reads `voice_settings`. A prompt and a temperature transcribers do not
take, and only Deepgram's tell words or take switches (`extras["telnyx"]` or `extras["deepgram"]`).

An account's option `speech_output`: "base64" has speech told as text in JSON.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from providers.chats import json_call, patience
from providers.replies import misshapen, read_json
from providers.sounds import (
    LISTENING,
    MAX_AUDIO,
    file_part,
    objects_at,
    sound_in,
    text_at,
    wav_rate,
)
from providers.telnyx.codec import KIND, address, headers
from providers.transcripts import decode_transcription
from vocabulary.errors import InvalidRequest, Unrepresentable, UpstreamUnavailable
from vocabulary.json import Json, JsonObject
from vocabulary.speech import AudioFormat, SpeechRequest, SpeechResponse, Voice
from vocabulary.transcription import TranscriptionRequest
from wire import fields
from wire.http import Deadlines, FormFile, HttpCall, Reply

if TYPE_CHECKING:
    from providers.protocols import Account, Target

__all__ = [
    "decode_speech",
    "decode_transcription",
    "decode_voices",
    "encode_speech",
    "encode_transcription",
    "encode_voices",
]

PROVIDERS: Final = frozenset(
    {
        "telnyx", "aws", "azure", "elevenlabs", "minimax", "rime", "resemble", "inworld", "xai",
        "humain", "soniox",
    }
)  # fmt: skip
DEEPGRAM: Final = "deepgram"
_READ_MARKUP: Final = frozenset({"aws", "azure"})
_ENGLISH_ALONE: Final = "distil-whisper/"
_FORMAT_FIELDS: Final = {
    "telnyx": "response_format",
    "minimax": "response_format",
    "rime": "response_format",
    "xai": "output_format",
    "resemble": "format",
}
_RATE_FIELDS: Final = {"telnyx": "sampling_rate", "rime": "sampling_rate", "xai": "sample_rate"}
_SPEED_FIELDS: Final = {"telnyx": "voice_speed", "rime": "voice_speed", "minimax": "speed"}
_FORMATS: Final[Mapping[AudioFormat, str]] = {
    "mp3": "mp3",
    "wav": "wav",
    "pcm": "linear16",
    "mulaw": "mulaw",
    "alaw": "alaw",
    "ogg": "ogg_vorbis",
}
_KINDS: Final[Mapping[str, AudioFormat]] = {
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/ogg": "ogg",
    "audio/pcm": "pcm",
    "audio/l16": "pcm",
    "audio/pcmu": "mulaw",
    "audio/basic": "mulaw",
    "audio/pcma": "alaw",
}
_USUAL_RATES: Final[Mapping[AudioFormat, int]] = {"pcm": 24_000, "mulaw": 8_000, "alaw": 8_000}


# -- listening ----------------------------------------------------------------------------------
def encode_transcription(request: TranscriptionRequest, target: "Target") -> HttpCall:
    return HttpCall(
        method="POST",
        url=address(target.account, "ai/audio/transcriptions"),
        headers=headers(target.account),
        body=(*_parts(request, target.model), ("file", file_part(request.recording))),
        deadlines=Deadlines(
            total=max(patience(target.account).total, LISTENING), between_bytes=LISTENING
        ),
    )


def _parts(request: TranscriptionRequest, model: str) -> tuple[tuple[str, str | FormFile], ...]:
    """Of the times it tells only segments are asked for by name."""
    parts = [("model", model), ("response_format", "verbose_json")]
    if request.language and not model.startswith(_ENGLISH_ALONE):
        parts.append(("language", request.language))
    if "segment" in request.granularities:
        parts.append(("timestamp_granularities[]", "segment"))
    if model.startswith(f"{DEEPGRAM}/"):
        switches = request.extras.get(KIND) or request.extras.get(DEEPGRAM) or {}
        parts += [(f"model_config[{name}]", _spell(value)) for name, value in switches.items()]
    return tuple(parts)


def _spell(value: Json) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


# -- speaking -----------------------------------------------------------------------------------
def encode_speech(request: SpeechRequest, target: "Target") -> HttpCall:
    """Raises Unrepresentable."""
    provider, voice = spoken_by(request, target.model)
    if request.markup == "ssml" and provider not in _READ_MARKUP:
        raise Unrepresentable("text_type", "this model takes plain text, no SSML")
    account = target.account
    in_text = account.options.get("speech_output") == "base64"
    body: dict[str, Json] = {
        "text": request.text,
        "text_type": request.markup,
        "output_type": "base64_output" if in_text else "binary_output",
        "provider": provider,
        **({"voice": voice} if voice else {}),
        **({"language": request.language} if request.language else {}),
    }
    if settings := _settings(request, _words_of(provider)):
        body[provider if provider in PROVIDERS else "voice_settings"] = settings
    url = address(account, "text-to-speech/speech")
    call = json_call(url, headers(account), body, patience(account))
    return HttpCall(
        method=call.method,
        url=call.url,
        headers=call.headers,
        body=call.body,
        deadlines=call.deadlines,
        max_bytes=MAX_AUDIO,
    )


def spoken_by(request: SpeechRequest, model: str) -> tuple[str, str]:
    """The provider behind Telnyx, and the whole name of the voice; empty for its usual one."""
    voice, model = request.voice, model.replace("/", ".")
    provider = model.partition(".")[0].lower()
    head = voice.partition(".")[0].lower()
    if voice and head not in (*PROVIDERS, provider):
        return provider, f"{model}.{voice}"
    return head or provider, voice


def _words_of(provider: str) -> str:
    """In whose words another server's providers are told."""
    return provider if provider in PROVIDERS else KIND


def _settings(request: SpeechRequest, provider: str) -> dict[str, Json]:
    """The provider's own words for format, rate and speed."""
    settings: dict[str, Json] = {}
    if provider in _FORMAT_FIELDS and request.format in _FORMATS:
        settings[_FORMAT_FIELDS[provider]] = _FORMATS[request.format]
    if provider in _RATE_FIELDS and request.sample_rate is not None:
        settings[_RATE_FIELDS[provider]] = request.sample_rate
    if provider in _SPEED_FIELDS and request.speed != 1.0:
        settings[_SPEED_FIELDS[provider]] = request.speed
    return settings


def decode_speech(reply: Reply, request: SpeechRequest, model: str) -> SpeechResponse:
    """Raises UpstreamUnavailable."""
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    audio = _in_base64(reply.body) if kind == "application/json" else sound_in(reply)
    spoken = _KINDS.get(kind) or _asked_format(request, model)
    rate = wav_rate(audio) or request.sample_rate or _USUAL_RATES.get(spoken, 0)
    return SpeechResponse(model=model, audio=audio, format=spoken, sample_rate=rate)


def _asked_format(request: SpeechRequest, model: str) -> AudioFormat:
    words = _words_of(spoken_by(request, model)[0])
    return request.format if words in _FORMAT_FIELDS and request.format in _FORMATS else "mp3"


def _in_base64(body: bytes) -> bytes:
    try:
        text = fields.get_text(fields.as_object(read_json(body), ""), "base64_audio", "")
        audio = base64.b64decode(text, validate=True)
    except InvalidRequest as fault:
        raise misshapen(fault) from fault
    except binascii.Error as fault:
        raise UpstreamUnavailable("the upstream's sound is not base64") from fault
    if not audio:
        raise UpstreamUnavailable("the upstream answered without sound")
    return audio


# -- voices -------------------------------------------------------------------------------------
def encode_voices(account: "Account") -> HttpCall:
    url = address(account, "text-to-speech/voices")
    return HttpCall(method="GET", url=url, headers=headers(account))


def decode_voices(body: bytes) -> tuple[Voice, ...]:
    """Raises UpstreamUnavailable."""
    try:
        answer = fields.as_object(read_json(body), "")
    except InvalidRequest as fault:
        raise misshapen(fault) from fault
    return tuple(_voice(one) for one in objects_at(answer, "voices") if text_at(one, "voice_id"))


def _voice(one: JsonObject) -> Voice:
    """Its id says whose it is, for several providers are behind one account."""
    voice, provider = text_at(one, "voice_id"), text_at(one, "provider").lower()
    whole = voice.partition(".")[0].lower() in PROVIDERS or not provider
    return Voice(
        id=voice if whole else f"{provider}.{voice}",
        name=text_at(one, "name") or voice,
        language=text_at(one, "language"),
        gender=text_at(one, "gender").lower(),
    )
