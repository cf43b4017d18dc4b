"""What a transcription is: a recording in, what was said in it out."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from vocabulary.chat import Usage
from vocabulary.json import JsonObject

type Granularity = Literal["segment", "word"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A sound file on this machine's disk, which whoever made it deletes. `name` is what its sender
    called it; what it is is told by its content (`media_type`)."""

    path: Path
    name: str = ""
    media_type: str = "application/octet-stream"
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptionRequest:
    """`language` is a BCP 47 tag. `granularities` are the times that are wanted."""

    model: str
    recording: Recording
    language: str | None = None
    prompt: str | None = None
    temperature: float | None = None
    granularities: frozenset[Granularity] = frozenset()
    user: str | None = None
    extras: dict[str, JsonObject] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Times are in seconds from the beginning; `speaker` counts from 0."""

    text: str
    start: float
    end: float
    confidence: float | None = None
    speaker: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of speech, in seconds from the beginning."""

    text: str
    start: float
    end: float
    speakers: tuple[int, ...] = ()
    channel: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptionResponse:
    """`duration` is of the recording, in seconds."""

    model: str
    text: str
    duration: float | None = None
    language: str | None = None
    segments: tuple[Segment, ...] = ()
    words: tuple[Word, ...] = ()
    usage: Usage = field(default_factory=Usage)
    served_by: str = ""
