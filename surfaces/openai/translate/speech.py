"""Text to speech.

https://platform.openai.com/docs/api-reference/audio/createSpeech

OpenAI's own voices stand for the usual voice of a model that has others; any other name is passed
on as it is. `opus` is answered as Ogg, in whichever codec this server has.
"""

from collections.abc import Mapping
from typing import Final

from vocabulary.errors import InvalidRequest
from vocabulary.json import JsonObject
from vocabulary.speech import AudioFormat, SpeechRequest
from wire import fields
from wire.shapes import TEXT, either, nullable, number, record, said, usual, word

MOST_CHARACTERS: Final = 4096
MOST_NAME: Final = 300
PCM_RATE: Final = 24_000
"""Hertz, of samples that come without a header."""
OWN_VOICES: Final = frozenset(
    {
        "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx",
        "sage", "shimmer", "verse",
    }
)  # fmt: skip
CONTENT_TYPES: Final[Mapping[AudioFormat, str]] = {
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
_FORMATS: Final[dict[str, AudioFormat]] = {
    "mp3": "mp3", "opus": "ogg", "flac": "flac", "wav": "wav", "pcm": "pcm"
}  # fmt: skip
_WAYS: Final = {"audio": "audio", "sse": "sse"}

SPEECH: Final = record(
    "SpeechRequest",
    {
        "model": TEXT,
        "input": said(TEXT, f"Up to {MOST_CHARACTERS} characters."),
        "voice": either(TEXT, record("CustomVoice", {"id": TEXT})),
        "instructions": said(nullable(TEXT), "For models that can be told how to speak."),
        "response_format": usual(nullable(word(*_FORMATS)), "mp3"),
        "speed": nullable(number(0.25, 4)),
        "stream_format": nullable(word("audio")),
    },
    required=["model", "input", "voice"],
)


def parse_speech(body: JsonObject) -> SpeechRequest:
    """Raises InvalidRequest."""
    form = _parse_format(body)
    if fields.find_choice(body, "stream_format", "", _WAYS) == "sse":
        raise InvalidRequest("stream_format", "speech comes as sound alone: use 'audio'")
    speed = fields.find_number(body, "speed", "", least=0.25, most=4.0)
    instructions = fields.find_text(body, "instructions", "")
    return SpeechRequest(
        model=_parse_name(fields.get_text(body, "model", ""), "model"),
        text=_parse_input(body),
        voice=_parse_voice(body),
        format=form,
        sample_rate=PCM_RATE if form == "pcm" else None,
        speed=1.0 if speed is None else float(speed),
        extras={"openai": {"instructions": instructions}} if instructions else {},
    )


def _parse_input(body: JsonObject) -> str:
    text = fields.get_text(body, "input", "")
    if len(text) > MOST_CHARACTERS:
        raise InvalidRequest("input", f"must be at most {MOST_CHARACTERS} characters")
    if not text.strip():
        raise InvalidRequest("input", "must not be empty")
    return text


def _parse_voice(body: JsonObject) -> str:
    """A name, or an object with the id of a voice."""
    if isinstance(body.get("voice"), dict):
        voice = fields.get_object(body, "voice", "")
        return _parse_name(fields.get_text(voice, "id", "voice"), "voice.id")
    return _parse_name(fields.get_text(body, "voice", ""), "voice")


def _parse_name(text: str, path: str) -> str:
    if not 0 < len(text) <= MOST_NAME:
        raise InvalidRequest(path, f"must be 1 to {MOST_NAME} characters")
    return text


def _parse_format(body: JsonObject) -> AudioFormat:
    name = fields.find_text(body, "response_format", "") or "mp3"
    if name == "aac":
        raise InvalidRequest("response_format", "AAC cannot be made here: use mp3 or opus")
    if name not in _FORMATS:
        raise InvalidRequest("response_format", f"must be one of {', '.join(_FORMATS)}")
    return _FORMATS[name]
