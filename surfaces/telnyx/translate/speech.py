"""Text to speech: who is to speak, in which voice and format.

https://developers.telnyx.com/api-reference/text-to-speech-commands

A voice is `provider.model.voice` or `provider.voice`; each provider also has an object of its own
with its own words for format, rate and speed, of which the chosen provider's is read. Knobs that
have no equal at other upstreams (emotion, pitch, volume, effects …) are taken and have no effect.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from surfaces.telnyx.translate.markdown import strip_markdown
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject
from vocabulary.speech import AudioFormat
from wire import fields
from wire.shapes import FLAG, OBJECT, TEXT, nullable, record, said, usual, word

if TYPE_CHECKING:
    from inference.speakers import Source

type Output = Literal["binary_output", "base64_output", "audio_id"]

MOST_CHARACTERS: Final = 10_000
OWN: Final = "telnyx"
"""Stands for whatever the organisation speaks with."""
PROVIDERS: Final = (
    OWN, "aws", "azure", "elevenlabs", "minimax", "rime", "resemble", "inworld", "xai", "humain",
    "soniox",
)  # fmt: skip
KINDS: Final[Mapping[str, str]] = {"azure": "azurespeech"}
"""What our providers call those that they call otherwise."""
CONTENT_TYPES: Final[Mapping[AudioFormat, str]] = {
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "pcm": "audio/pcm",
    "mulaw": "audio/PCMU",
    "alaw": "audio/PCMA",
}
_OUTPUTS: Final[dict[str, Output]] = {
    "binary_output": "binary_output",
    "base64_output": "base64_output",
    "audio_id": "audio_id",
}
_FORMATS: Final[dict[str, AudioFormat]] = {
    "mp3": "mp3",
    "wav": "wav",
    "linear16": "pcm",
    "pcm": "pcm",
    "mulaw": "mulaw",
    "alaw": "alaw",
    "ogg_vorbis": "ogg",
    "ogg": "ogg",
    "flac": "flac",
}
_MARKUPS: Final[dict[str, Literal["text", "ssml"]]] = {"text": "text", "ssml": "ssml"}
_RATE: Final = re.compile(r"(\d+)(k?)hz")
LEAST_RATE, MOST_RATE = 8_000, 48_000

SPEECH: Final = record(
    "SpeechRequest",
    {
        "text": said(TEXT, f"Up to {MOST_CHARACTERS} characters; Markdown is not read out."),
        "voice": said(nullable(TEXT), "`provider.model.voice` or `provider.voice`."),
        "provider": said(nullable(TEXT), "Where the voice does not say it."),
        "language": nullable(TEXT),
        "text_type": nullable(word(*_MARKUPS)),
        "output_type": nullable(usual(word(*_OUTPUTS), "binary_output")),
        "disable_cache": said(nullable(FLAG), "Nothing is cached."),
        "voice_settings": nullable(OBJECT),
        **{name: nullable(OBJECT) for name in PROVIDERS},
    },
    required=["text"],
)
SPOKEN: Final = record(
    "Speech",
    {
        "base64_audio": said(TEXT, "With `base64_output`."),
        "audio_url": said(TEXT, "With `audio_id`; the key is needed there too."),
    },
    required=[],
)


class SpeechRefused(InvalidRequest):
    """Nobody can speak this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be spoken. `provider` is in lower case, empty where none was named; a `model` and
    a `voice` are in the provider's own words."""

    text: str
    provider: str = ""
    model: str = ""
    voice: str = ""
    language: str = ""
    output: Output = "binary_output"
    format: AudioFormat = "mp3"
    sample_rate: int | None = None
    speed: float = 1.0
    markup: Literal["text", "ssml"] = "text"
    extras: dict[str, JsonObject] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return KINDS.get(self.provider, self.provider)


def parse_speech(body: JsonObject) -> Asked:
    """Raises InvalidRequest."""
    given = {name: value for name, value in body.items() if value is not None}
    fields.find_flag(given, "disable_cache", "")
    provider, model, voice = _parse_voice(given)
    options = _find_options(given, provider)
    at = provider if provider in given else "voice_settings"
    markup = _find_markup(given, options, at)
    return Asked(
        text=_parse_text(given, markup),
        provider=provider,
        model=model,
        voice=voice or fields.find_text(options, "voice_id", at) or "",
        language=_first_text(given, options, at),
        output=fields.find_choice(given, "output_type", "", _OUTPUTS) or "binary_output",
        format=_parse_format(options, at),
        sample_rate=_parse_rate(options, at),
        speed=_parse_speed(options, at),
        markup=markup,
        extras=_parse_extras(given, provider),
    )


def choose_source(asked: Asked, sources: "Sequence[Source]") -> "Source":
    """The model that speaks. Raises `SpeechRefused` where the organisation has no such upstream."""
    if asked.provider in ("", OWN):
        theirs = list(sources)
    else:
        theirs = [s for s in sources if asked.kind == s.provider or asked.provider == s.account]
    if not theirs:
        message = f"no upstream for provider {asked.provider or OWN}; configure one"
        raise SpeechRefused("provider", message)
    named = [s for s in theirs if s.upstream_id.lower() == asked.model.lower()]
    return (named or theirs)[0]


def _parse_text(given: JsonObject, markup: str) -> str:
    text = fields.get_text(given, "text", "")
    if len(text) > MOST_CHARACTERS:
        raise InvalidRequest("text", f"must be at most {MOST_CHARACTERS} characters")
    text = text if markup == "ssml" else strip_markdown(text)
    if not text.strip():
        raise InvalidRequest("text", "must not be empty")
    return text


def _parse_voice(given: JsonObject) -> tuple[str, str, str]:
    """Provider, model and voice. What the voice says of its provider wins."""
    named = (fields.find_text(given, "provider", "") or "").lower()
    voice = fields.find_text(given, "voice", "") or ""
    if len(voice) > 300:
        raise InvalidRequest("voice", "must be at most 300 characters")
    head, dot, rest = voice.partition(".")
    if not dot or (named and head.lower() not in (*PROVIDERS, named)):
        return named, "", voice
    model, _, name = rest.rpartition(".")
    return head.lower(), model, name


def _find_options(given: JsonObject, provider: str) -> JsonObject:
    """The provider's own object over the settings that were given for any."""
    own = [fields.find_object(given, name, "") for name in PROVIDERS if name == provider]
    for name in PROVIDERS:
        fields.find_object(given, name, "")
    general = fields.find_object(given, "voice_settings", "") or {}
    found = {**general, **(own[0] or {} if own else {})}
    return {name: value for name, value in found.items() if value is not None}


def _find_markup(given: JsonObject, options: JsonObject, at: str) -> Literal["text", "ssml"]:
    own = fields.find_choice(options, "text_type", at, _MARKUPS)
    return own or fields.find_choice(given, "text_type", "", _MARKUPS) or "text"


def _first_text(given: JsonObject, options: JsonObject, at: str) -> str:
    """The language, wherever it stands; `auto` is the same as none."""
    told = (
        fields.find_text(given, "language", ""),
        fields.find_text(options, "language_code", at),
        fields.find_text(options, "language", at),
    )
    language = next((one for one in told if one), "")
    if len(language) > 35:
        raise InvalidRequest("language", "must be a language tag")
    return "" if language == "auto" else language


def _parse_format(options: JsonObject, at: str) -> AudioFormat:
    key = _first_key(options, ("response_format", "output_format", "format"))
    name = (fields.find_text(options, key, at) or "mp3").lower()
    if name in _FORMATS:
        return _FORMATS[name]
    if "hz" in name and (found := _read_long_format(name)) is not None:
        return found
    choices = ", ".join(_FORMATS)
    raise InvalidRequest(fields.place(at, key), f"must be one of {choices}, not {name[:60]!r}")


def _read_long_format(name: str) -> AudioFormat | None:
    """Azure's spelling: `audio-24khz-160kbitrate-mono-mp3`, `riff-16khz-16bit-mono-pcm` …"""
    if name.startswith("riff-"):
        return "wav"
    endings: dict[str, AudioFormat] = {
        "mp3": "mp3", "pcm": "pcm", "mulaw": "mulaw", "alaw": "alaw"
    }  # fmt: skip
    return endings.get(name.rpartition("-")[2])


def _parse_rate(options: JsonObject, at: str) -> int | None:
    """In hertz; a number, or one spelled as text."""
    key = _first_key(options, ("sampling_rate", "sample_rate"))
    value = options.get(key)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 7:
        value = int(value)
    if value is None:
        return _rate_in_format(options)
    return fields.find_whole({key: value}, key, at, least=LEAST_RATE, most=MOST_RATE)


def _rate_in_format(options: JsonObject) -> int | None:
    name = options.get("output_format")
    found = _RATE.search(name.lower()) if isinstance(name, str) else None
    if found is None or len(found[1]) > 5:
        return None
    rate = int(found[1]) * (1000 if found[2] else 1)
    return rate if LEAST_RATE <= rate <= MOST_RATE else None


def _parse_speed(options: JsonObject, at: str) -> float:
    key = _first_key(options, ("voice_speed", "speed"))
    speed = fields.find_number(options, key, at, least=0.25, most=4.0)
    return 1.0 if speed is None else float(speed)


def _first_key(options: JsonObject, keys: Iterable[str]) -> str:
    """Which of these spellings is there; the first of them if none is."""
    keys = list(keys)
    return next((key for key in keys if key in options), keys[0])


def _parse_extras(given: JsonObject, provider: str) -> dict[str, JsonObject]:
    """What one upstream alone understands: how a voice of ElevenLabs is set."""
    if provider != "elevenlabs":
        return {}
    own = fields.find_object(given, provider, "") or {}
    settings: Json = own.get("voice_settings", given.get("voice_settings"))
    if settings is None:
        return {}
    return {provider: {"voice_settings": fields.as_object(settings, "voice_settings")}}
