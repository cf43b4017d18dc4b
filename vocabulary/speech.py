"""What speech is: a text in, a voice's sound out."""

from dataclasses import dataclass, field
from typing import Literal

from vocabulary.chat import Usage
from vocabulary.json import JsonObject

type AudioFormat = Literal["mp3", "wav", "ogg", "flac", "pcm", "mulaw", "alaw"]
"""`pcm` is signed 16-bit, little-endian, one channel, without a header; `mulaw` and `alaw` (G.711)
have no header either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechRequest:
    """`voice` is the model's own id of one, empty for its usual one; `language` is a BCP 47 tag.

    `speed` 1.0 is the voice's own. `sample_rate` is in hertz; None leaves it to the model.
    """

    model: str
    text: str
    voice: str = ""
    language: str = ""
    format: AudioFormat = "mp3"
    sample_rate: int | None = None
    speed: float = 1.0
    markup: Literal["text", "ssml"] = "text"
    user: str | None = None
    extras: dict[str, JsonObject] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechResponse:
    """`audio` is in `format`; `sample_rate` is in hertz, 0 where it is not known."""

    model: str
    audio: bytes
    format: AudioFormat
    sample_rate: int = 0
    usage: Usage = field(default_factory=Usage)
    served_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A voice of a model, by the id that `SpeechRequest.voice` takes."""

    id: str
    name: str
    language: str = ""
    gender: str = ""
