"""Azure Speech as calls and answers: speech of SSML, and its fast transcription.

The address is that of the resource or region, such as `https://eastus.api.cognitive.microsoft.com`
or `https://eastus.tts.speech.microsoft.com`; each service there has its own, derived from either.
What a model is called makes no difference: the voice is what speaks. Prompt and temperature it does
not know. Reference: https://learn.microsoft.com/azure/ai-services/speech-service/
"""

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

from common.bodies import dump_json
from providers.replies import misshapen, read_json
from providers.sounds import (
    LISTENING,
    MAX_AUDIO,
    file_part,
    nearest,
    objects_at,
    seconds,
    sound_in,
    text_at,
    whole_at,
)
from vocabulary.errors import InvalidRequest
from vocabulary.json import JsonObject
from vocabulary.speech import AudioFormat, SpeechRequest, SpeechResponse, Voice
from vocabulary.transcription import Segment, TranscriptionRequest, TranscriptionResponse, Word
from wire import fields
from wire.http import Deadlines, HttpCall, Reply

if TYPE_CHECKING:
    from providers.protocols import Account, Target

KIND: Final = "azurespeech"
API_VERSION: Final = "2024-11-15"
DEFAULT_VOICE: Final = "en-US-AvaMultilingualNeural"
TELEPHONE: Final = 8_000
_REGIONAL: Final = re.compile(
    r"([a-z0-9]+)\.(?:api\.cognitive|tts\.speech|stt\.speech)\.microsoft\.com"
)
_PCM: Final = {
    8_000: "8khz",
    16_000: "16khz",
    22_050: "22050hz",
    24_000: "24khz",
    44_100: "44100hz",
    48_000: "48khz",
}
_LOCALE: Final = re.compile(r"([a-z]{2,3}-[A-Z]{2,4})-")


def _service(account: "Account", service: str) -> str:
    """The address of the region's `tts.speech` or `api.cognitive`; of a resource with a name of
    its own, its own for both, with the speech below `/tts`."""
    base = account.base_url.rstrip("/")
    if region := _REGIONAL.fullmatch(urlsplit(base).hostname or ""):
        return f"https://{region[1]}.{service}.microsoft.com"
    own = base.endswith(".cognitiveservices.azure.com") and service == "tts.speech"
    return f"{base}/tts" if own else base


def _headers(account: "Account") -> dict[str, str]:
    return {"Ocp-Apim-Subscription-Key": account.api_key.reveal()}


# -- speaking -----------------------------------------------------------------------------------
def encode_speech(request: SpeechRequest, target: "Target") -> HttpCall:
    """SSML goes as it is: it names its own voice."""
    return HttpCall(
        method="POST",
        url=f"{_service(target.account, 'tts.speech')}/cognitiveservices/v1",
        headers={
            **_headers(target.account),
            "Content-Type": "application/ssml+xml",
            "X-Microsoft-OutputFormat": _format(request),
        },
        body=_ssml(request).encode(),
        max_bytes=MAX_AUDIO,
    )


def _ssml(request: SpeechRequest) -> str:
    if request.markup == "ssml":
        return request.text
    voice = request.voice or DEFAULT_VOICE
    named = _LOCALE.match(voice)
    locale = request.language or (named[1] if named else "en-US")
    said = escape(request.text)
    if request.speed != 1.0:
        said = f'<prosody rate="{round(request.speed * 100 - 100):+d}%">{said}</prosody>'
    return (
        '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" '
        f"xml:lang={quoteattr(locale)}><voice name={quoteattr(voice)}>{said}</voice></speak>"
    )


def _format(request: SpeechRequest) -> str:
    match _spoken(request):
        case "mp3", _:
            return "audio-24khz-96kbitrate-mono-mp3"
        case "mulaw", _:
            return "raw-8khz-8bit-mono-mulaw"
        case "alaw", _:
            return "raw-8khz-8bit-mono-alaw"
        case "pcm", rate:
            return f"raw-{_PCM[rate]}-16bit-mono-pcm"
        case _, rate:
            return f"riff-{_PCM[rate]}-16bit-mono-pcm"


def _spoken(request: SpeechRequest) -> tuple[AudioFormat, int]:
    """The format and rate to ask for; what it does not speak is made of WAV."""
    rate = request.sample_rate
    match request.format:
        case "mp3":
            return "mp3", 24_000
        case ("mulaw" | "alaw") as telephone if rate in (None, TELEPHONE):
            return telephone, TELEPHONE
        case "pcm" if rate is None or rate in _PCM:
            return "pcm", rate or 24_000
    return "wav", nearest(rate, _PCM, 24_000)


def decode_speech(reply: Reply, request: SpeechRequest, model: str) -> SpeechResponse:
    """Raises UpstreamUnavailable."""
    spoken, rate = _spoken(request)
    return SpeechResponse(model=model, audio=sound_in(reply), format=spoken, sample_rate=rate)


# -- listening ----------------------------------------------------------------------------------
def encode_transcription(request: TranscriptionRequest, target: "Target") -> HttpCall:
    definition: JsonObject = {"locales": [request.language]} if request.language else {}
    if request.extras.get(KIND, {}).get("diarize") is True:
        definition = {**definition, "diarization": {"enabled": True, "maxSpeakers": 8}}
    base = _service(target.account, "api.cognitive")
    return HttpCall(
        method="POST",
        url=f"{base}/speechtotext/transcriptions:transcribe?api-version={API_VERSION}",
        headers=_headers(target.account),
        body=(
            ("definition", dump_json(definition).decode()),
            ("audio", file_part(request.recording)),
        ),
        deadlines=Deadlines(total=LISTENING, between_bytes=LISTENING),
    )


def decode_transcription(body: bytes, model: str) -> TranscriptionResponse:
    """Its times are in milliseconds. Raises UpstreamUnavailable."""
    try:
        answer = fields.as_object(read_json(body), "")
        fields.get_list(answer, "combinedPhrases", "")
    except InvalidRequest as fault:
        raise misshapen(fault) from fault
    phrases = list(objects_at(answer, "phrases"))
    whole = (text_at(one, "text") for one in objects_at(answer, "combinedPhrases"))
    return TranscriptionResponse(
        model=model,
        text="\n".join(filter(None, whole)),
        duration=_moment(answer, "durationMilliseconds") or None,
        language=next((code for one in phrases if (code := text_at(one, "locale"))), None),
        segments=tuple(map(_segment, phrases)),
        words=tuple(
            _word(word, phrase) for phrase in phrases for word in objects_at(phrase, "words")
        ),
    )


def _segment(one: JsonObject) -> Segment:
    speaker = whole_at(one, "speaker")
    return Segment(
        text=text_at(one, "text"),
        start=_moment(one, "offsetMilliseconds"),
        end=_end(one),
        speakers=() if speaker is None else (max(speaker - 1, 0),),  # its own count from 1
        channel=whole_at(one, "channel"),
    )


def _word(one: JsonObject, phrase: JsonObject) -> Word:
    speaker = whole_at(phrase, "speaker")
    return Word(
        text=text_at(one, "text"),
        start=_moment(one, "offsetMilliseconds"),
        end=_end(one),
        speaker=None if speaker is None else max(speaker - 1, 0),
    )


def _moment(one: JsonObject, key: str) -> float:
    return (seconds(one.get(key)) or 0.0) / 1000


def _end(one: JsonObject) -> float:
    return _moment(one, "offsetMilliseconds") + _moment(one, "durationMilliseconds")


# -- voices -------------------------------------------------------------------------------------
def encode_voices(account: "Account") -> HttpCall:
    return HttpCall(
        method="GET",
        url=f"{_service(account, 'tts.speech')}/cognitiveservices/voices/list",
        headers=_headers(account),
    )


def decode_voices(body: bytes) -> tuple[Voice, ...]:
    """Raises UpstreamUnavailable."""
    voices = read_json(body)
    return tuple(_read_voice(one) for one in objects_at({"voices": voices}, "voices"))


def _read_voice(one: JsonObject) -> Voice:
    return Voice(
        id=text_at(one, "ShortName"),
        name=text_at(one, "DisplayName", "LocalName"),
        language=text_at(one, "Locale"),
        gender=text_at(one, "Gender").lower(),
    )
