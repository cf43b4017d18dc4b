"""Deepgram's transcriptions and speech as calls and answers.

Recordings travel as bare bodies with everything else in the query. A prompt and a temperature it
does not know; `extras["deepgram"]` holds its own switches (`SWITCHES`). Of the speaking models a
voice is one: `aura-2` with the voice `thalia-en` is its `aura-2-thalia-en`.
Reference: https://developers.deepgram.com/reference
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from common.bodies import dump_json
from providers.replies import misshapen, read_json
from providers.sounds import (
    LISTENING,
    MAX_AUDIO,
    check_plain,
    nearest,
    objects_at,
    seconds,
    sound_in,
    text_at,
    wav_rate,
    whole_at,
)
from providers.transcripts import read_word
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject
from vocabulary.speech import AudioFormat, SpeechRequest, SpeechResponse, Voice
from vocabulary.transcription import Segment, TranscriptionRequest, TranscriptionResponse
from wire import fields
from wire.http import Deadlines, HttpCall, Reply

if TYPE_CHECKING:
    from providers.protocols import Account, Target

KIND: Final = "deepgram"
SWITCHES: Final = ("smart_format", "punctuate", "diarize", "multichannel", "utterances", "numerals")
DEFAULT_VOICES: Final = {"aura-2": "aura-2-thalia-en", "aura": "aura-asteria-en"}
TELEPHONE: Final = 8_000
_LINEAR: Final = (8_000, 16_000, 24_000, 32_000, 48_000)
_SPEECH: Final[dict[AudioFormat, dict[str, str]]] = {
    "mp3": {"encoding": "mp3"},
    "flac": {"encoding": "flac"},
    "wav": {"encoding": "linear16", "container": "wav"},
    "pcm": {"encoding": "linear16", "container": "none"},
    "mulaw": {"encoding": "mulaw", "container": "none"},
    "alaw": {"encoding": "alaw", "container": "none"},
}


def _url(account: "Account", path: str, query: list[tuple[str, str]]) -> str:
    return f"{account.base_url.rstrip('/')}/{path}" + (f"?{urlencode(query)}" if query else "")


def _headers(account: "Account", kind: str) -> dict[str, str]:
    return {"Authorization": f"Token {account.api_key.reveal()}", "Content-Type": kind}


# -- listening ----------------------------------------------------------------------------------
def encode_transcription(request: TranscriptionRequest, target: "Target") -> HttpCall:
    query = [("model", target.model)]
    if request.language:
        query.append(("language", request.language))
    query += _switches(request)
    return HttpCall(
        method="POST",
        url=_url(target.account, "listen", query),
        headers=_headers(target.account, request.recording.media_type),
        body=request.recording.path,
        deadlines=Deadlines(total=LISTENING, between_bytes=LISTENING),
        max_bytes=MAX_AUDIO,
    )


def _switches(request: TranscriptionRequest) -> Iterator[tuple[str, str]]:
    """Segments are its utterances; without any formatting it writes no sentences."""
    told = dict(request.extras.get(KIND, {}))
    if "segment" in request.granularities:
        told.setdefault("utterances", True)
    told.setdefault("smart_format", True)
    for name, value in told.items():
        yield name, _spell(value)


def _spell(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def decode_transcription(body: bytes, model: str) -> TranscriptionResponse:
    """Channels one after the other, each by its first alternative. Raises UpstreamUnavailable."""
    try:
        answer = fields.as_object(read_json(body), "")
        results = fields.get_object(answer, "results", "")
        channels = [
            fields.as_object(c, "channels") for c in fields.get_list(results, "channels", "")
        ]
    except InvalidRequest as fault:
        raise misshapen(fault) from fault
    heard = [next(objects_at(channel, "alternatives"), {}) for channel in channels]
    metadata = answer.get("metadata")
    return TranscriptionResponse(
        model=model,
        text="\n".join(text for one in heard if (text := text_at(one, "transcript"))),
        duration=seconds(metadata.get("duration")) if isinstance(metadata, dict) else None,
        language=next((code for c in channels if (code := text_at(c, "detected_language"))), None),
        segments=tuple(_segment(one) for one in objects_at(results, "utterances")),
        words=tuple(read_word(one) for channel in heard for one in objects_at(channel, "words")),
    )


def _segment(one: JsonObject) -> Segment:
    speakers = {read_word(word).speaker for word in objects_at(one, "words")} | {
        whole_at(one, "speaker")
    }
    return Segment(
        text=text_at(one, "transcript"),
        start=seconds(one.get("start")) or 0.0,
        end=seconds(one.get("end")) or 0.0,
        speakers=tuple(sorted(speaker for speaker in speakers if speaker is not None)),
        channel=whole_at(one, "channel"),
    )


# -- speaking -----------------------------------------------------------------------------------
def encode_speech(request: SpeechRequest, target: "Target") -> HttpCall:
    """Its voices have one speed. Raises Unrepresentable."""
    check_plain(request)
    query = {"model": _voice_model(request, target.model), **_SPEECH[spoken_format(request)]}
    if (rate := spoken_rate(request)) is not None:
        query["sample_rate"] = str(rate)
    return HttpCall(
        method="POST",
        url=_url(target.account, "speak", list(query.items())),
        headers=_headers(target.account, "application/json"),
        body=dump_json({"text": request.text}),
        max_bytes=MAX_AUDIO,
    )


def _voice_model(request: SpeechRequest, model: str) -> str:
    voice = request.voice.lower()
    if not voice:
        return DEFAULT_VOICES.get(model, model)
    if voice.startswith("aura"):
        return voice
    return f"{model}-{voice}" if "-" in voice else f"{model}-{voice}-{_language(request)}"


def _language(request: SpeechRequest) -> str:
    return request.language.partition("-")[0].lower() or "en"


def spoken_format(request: SpeechRequest) -> AudioFormat:
    """What is asked for; what it does not speak, or not at that rate, is made of WAV."""
    headerless = {"pcm": _LINEAR, "mulaw": (8_000, 16_000), "alaw": (8_000, 16_000)}
    rates = headerless.get(request.format)
    if rates is not None and request.sample_rate not in (None, *rates):
        return "wav"
    return request.format if request.format in _SPEECH else "wav"


def spoken_rate(request: SpeechRequest) -> int | None:
    """The rate to ask for; None where it has one of its own."""
    match spoken_format(request):
        case "wav" | "pcm":
            return nearest(request.sample_rate, _LINEAR, 24_000)
        case "mulaw" | "alaw":
            return request.sample_rate or TELEPHONE
    return None


def decode_speech(reply: Reply, request: SpeechRequest, model: str) -> SpeechResponse:
    """Raises UpstreamUnavailable."""
    audio = sound_in(reply)
    rate = wav_rate(audio) or spoken_rate(request) or 0
    return SpeechResponse(model=model, audio=audio, format=spoken_format(request), sample_rate=rate)


# -- voices -------------------------------------------------------------------------------------
def encode_voices(account: "Account") -> HttpCall:
    return HttpCall(
        method="GET",
        url=_url(account, "models", []),
        headers={"Authorization": f"Token {account.api_key.reveal()}"},
    )


def decode_voices(body: bytes) -> tuple[Voice, ...]:
    """Raises UpstreamUnavailable."""
    try:
        answer = fields.as_object(read_json(body), "")
    except InvalidRequest as fault:
        raise misshapen(fault) from fault
    return tuple(_read_voice(one) for one in objects_at(answer, "tts"))


def _read_voice(one: JsonObject) -> Voice:
    languages = [code for code in _list_at(one, "languages") if isinstance(code, str)]
    metadata = one.get("metadata")
    tags = _list_at(metadata, "tags") if isinstance(metadata, dict) else []
    return Voice(
        id=text_at(one, "canonical_name", "name"),
        name=text_at(one, "name").capitalize(),
        language=max(languages, key=len, default=""),
        gender=_gender(tags),
    )


def _gender(tags: list[Json]) -> str:
    if "feminine" in tags:
        return "female"
    return "male" if "masculine" in tags else ""


def _list_at(body: JsonObject, key: str) -> list[Json]:
    value = body.get(key)
    return list(value) if isinstance(value, list) else []
