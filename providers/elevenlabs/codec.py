"""ElevenLabs' speech and transcriptions as calls and answers.

A prompt it does not know, and SSML is refused. `extras["elevenlabs"]` may hold `voice_settings`
and, of a transcription, `diarize`. Reference: https://elevenlabs.io/docs/api-reference
"""

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from common.bodies import dump_json
from providers.replies import misshapen, read_json
from providers.sounds import (
    LISTENING,
    MAX_AUDIO,
    check_plain,
    file_part,
    make_wav,
    nearest,
    objects_at,
    seconds,
    sound_in,
    text_at,
)
from vocabulary.errors import InvalidRequest
from vocabulary.json import JsonObject
from vocabulary.speech import AudioFormat, SpeechRequest, SpeechResponse, Voice
from vocabulary.transcription import TranscriptionRequest, TranscriptionResponse, Word
from wire import fields
from wire.http import Deadlines, HttpCall, Reply

if TYPE_CHECKING:
    from providers.protocols import Account, Target

KIND: Final = "elevenlabs"
DEFAULT_VOICE: Final = "JBFqnCBsd6RMkjVDRZzb"
"""The voice of its own first examples."""
SPEEDS: Final = (0.7, 1.2)
TELEPHONE: Final = 8_000
_PCM: Final = (8_000, 16_000, 22_050, 24_000, 44_100, 48_000)


def _headers(account: "Account") -> dict[str, str]:
    return {"xi-api-key": account.api_key.reveal()}


def _base(account: "Account") -> str:
    return account.base_url.rstrip("/")


# -- speaking -----------------------------------------------------------------------------------
def encode_speech(request: SpeechRequest, target: "Target") -> HttpCall:
    """A speed beyond what it knows is the nearest that it does. Raises Unrepresentable."""
    check_plain(request)
    body: JsonObject = {
        "text": request.text,
        "model_id": target.model,
        **({"language_code": _language(request.language)} if request.language else {}),
        **({"voice_settings": settings} if (settings := _settings(request)) else {}),
    }
    voice = quote(request.voice or DEFAULT_VOICE, safe="")
    return HttpCall(
        method="POST",
        url=f"{_base(target.account)}/text-to-speech/{voice}?output_format={_format(request)}",
        headers={**_headers(target.account), "Content-Type": "application/json"},
        body=dump_json(body),
        max_bytes=MAX_AUDIO,
    )


def _settings(request: SpeechRequest) -> JsonObject:
    told = request.extras.get(KIND, {}).get("voice_settings")
    settings = dict(told) if isinstance(told, dict) else {}
    if request.speed != 1.0:
        slowest, fastest = SPEEDS
        settings["speed"] = min(max(request.speed, slowest), fastest)
    return settings


def _language(tag: str) -> str:
    return tag.partition("-")[0].lower()


def _is_telephone(request: SpeechRequest) -> bool:
    return request.sample_rate in (None, TELEPHONE)


def _format(request: SpeechRequest) -> str:
    match request.format:
        case "mp3":
            return "mp3_44100_128"
        case "mulaw" if _is_telephone(request):
            return "ulaw_8000"
        case "alaw" if _is_telephone(request):
            return "alaw_8000"
    return f"pcm_{_pcm_rate(request)}"


def _pcm_rate(request: SpeechRequest) -> int:
    return nearest(request.sample_rate, _PCM, 24_000)


def decode_speech(reply: Reply, request: SpeechRequest, model: str) -> SpeechResponse:
    """Raises UpstreamUnavailable."""
    audio = sound_in(reply)
    spoken: AudioFormat
    match request.format:
        case "mp3":
            spoken, rate = "mp3", 44_100
        case ("mulaw" | "alaw") as telephone if _is_telephone(request):
            spoken, rate = telephone, TELEPHONE
        case "pcm" if request.sample_rate in (None, *_PCM):
            spoken, rate = "pcm", _pcm_rate(request)
        case _:
            spoken, rate = "wav", _pcm_rate(request)
            audio = make_wav(audio, rate)
    return SpeechResponse(model=model, audio=audio, format=spoken, sample_rate=rate)


# -- listening ----------------------------------------------------------------------------------
def encode_transcription(request: TranscriptionRequest, target: "Target") -> HttpCall:
    """It knows the times of words, not of segments."""
    given = {
        "model_id": target.model,
        "language_code": _language(request.language or ""),
        "temperature": "" if request.temperature is None else f"{request.temperature:g}",
        "diarize": "true" if request.extras.get(KIND, {}).get("diarize") is True else "",
        "tag_audio_events": "false",
    }
    body = tuple((name, text) for name, text in given.items() if text)
    return HttpCall(
        method="POST",
        url=f"{_base(target.account)}/speech-to-text",
        headers=_headers(target.account),
        body=(*body, ("file", file_part(request.recording))),
        deadlines=Deadlines(total=LISTENING, between_bytes=LISTENING),
    )


def decode_transcription(body: bytes, model: str) -> TranscriptionResponse:
    """Raises UpstreamUnavailable."""
    try:
        answer = fields.as_object(read_json(body), "")
        text = fields.get_text(answer, "text", "")
    except InvalidRequest as fault:
        raise misshapen(fault) from fault
    spoken = [one for one in objects_at(answer, "words") if one.get("type", "word") == "word"]
    return TranscriptionResponse(
        model=model,
        text=text,
        duration=seconds(answer.get("audio_duration_secs")),
        language=text_at(answer, "language_code") or None,
        words=tuple(_word(one) for one in spoken),
    )


def _word(one: JsonObject) -> Word:
    _, _, speaker = text_at(one, "speaker_id").rpartition("_")
    return Word(
        text=text_at(one, "text"),
        start=seconds(one.get("start")) or 0.0,
        end=seconds(one.get("end")) or 0.0,
        speaker=int(speaker) if speaker.isdecimal() else None,
    )


# -- voices -------------------------------------------------------------------------------------
def encode_voices(account: "Account") -> HttpCall:
    return HttpCall(method="GET", url=f"{_base(account)}/voices", headers=_headers(account))


def decode_voices(body: bytes) -> tuple[Voice, ...]:
    """Raises UpstreamUnavailable."""
    try:
        answer = fields.as_object(read_json(body), "")
    except InvalidRequest as fault:
        raise misshapen(fault) from fault
    return tuple(_read_voice(one) for one in objects_at(answer, "voices"))


def _read_voice(one: JsonObject) -> Voice:
    labels = one.get("labels")
    told = labels if isinstance(labels, dict) else {}
    return Voice(
        id=text_at(one, "voice_id"),
        name=text_at(one, "name"),
        language=text_at(told, "language"),
        gender=text_at(told, "gender"),
    )
