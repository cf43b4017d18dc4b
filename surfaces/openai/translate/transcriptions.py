"""Transcriptions: a form in; what was said out, as JSON, as plain text or as subtitles.

https://platform.openai.com/docs/api-reference/audio/createTranscription

Figures that only one family of models has (tokens, log probabilities, `seek` …) are left out of
segments. Knobs without an equal at most upstreams (`chunking_strategy`, `include[]`, `languages[]`,
`keywords[]`, `known_speaker_*`) are taken and have no effect.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Literal

from vocabulary.errors import InvalidRequest, Unrepresentable
from vocabulary.json import Json, JsonObject
from vocabulary.transcription import Granularity, Segment, TranscriptionResponse
from wire.openai_audio import TIMES, TIMES_NAME, Fields, find_temperature, find_times
from wire.shapes import BYTES, FLAG, NUMBER, TEXT, WHOLE, array, record, said, usual, word

type Form = Literal["json", "verbose_json", "text", "srt", "vtt"]

_FORMS: Final[dict[str, Form]] = {
    "json": "json", "verbose_json": "verbose_json", "text": "text", "srt": "srt", "vtt": "vtt"
}  # fmt: skip
_LONGEST: Final = {"model": 300, "language": 35, "prompt": 10_000}
UNKNOWN: Final = "unknown"
"""A language that nobody told."""

FORM: Final = record(
    "TranscriptionRequest",
    {
        "file": BYTES,
        "model": TEXT,
        "language": TEXT,
        "prompt": TEXT,
        "temperature": NUMBER,
        "response_format": usual(word(*_FORMS), "json"),
        TIMES_NAME: said(array(word(*TIMES)), "With `verbose_json`."),
        "stream": said(FLAG, "Only `false`."),
    },
    required=["file", "model"],
)
TRANSCRIPTION: Final = record(
    "Transcription",
    {
        "text": TEXT,
        "usage": record("ListenedTo", {"type": word("duration"), "seconds": NUMBER}),
        "task": word("transcribe"),
        "language": said(TEXT, f"`{UNKNOWN}` where nobody told."),
        "duration": said(NUMBER, "Seconds."),
        "segments": array(
            record(
                "TranscribedSegment",
                {"id": WHOLE, "start": NUMBER, "end": NUMBER, "text": TEXT},
            )
        ),
        "words": array(
            record("TranscribedWord", {"word": TEXT, "start": NUMBER, "end": NUMBER}),
        ),
    },
    required=["text"],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the fields of a form ask for."""

    model: str
    form: Form = "json"
    language: str | None = None
    prompt: str | None = None
    temperature: float | None = None
    times: frozenset[Granularity] = frozenset()


# -- what is asked ------------------------------------------------------------------------------
def parse_transcription(form: Fields) -> Asked:
    """Raises InvalidRequest."""
    given = {name: text for name, text in form if text.strip()}
    for name, most in _LONGEST.items():
        if len(given.get(name, "")) > most:
            raise InvalidRequest(name, f"must be at most {most} characters")
    if "model" not in given:
        raise InvalidRequest("model", "is required", missing=True)
    if given.get("stream", "false").lower() not in ("false", "0"):
        raise InvalidRequest("stream", "transcriptions come whole: leave it out")
    wanted = _parse_form(given)
    return Asked(
        model=given["model"],
        form=wanted,
        language=given.get("language"),
        prompt=given.get("prompt"),
        temperature=find_temperature(given),
        times=_parse_times(form, wanted),
    )


def _parse_form(given: dict[str, str]) -> Form:
    name = given.get("response_format", "json")
    if name not in _FORMS:
        raise InvalidRequest("response_format", f"must be one of {', '.join(_FORMS)}")
    return _FORMS[name]


def _parse_times(form: Fields, wanted: Form) -> frozenset[Granularity]:
    """Subtitles need segments; a verbose answer has them unless words alone are asked for."""
    told = find_times(form)
    if told and wanted != "verbose_json":
        raise InvalidRequest(TIMES_NAME, "needs the response_format verbose_json")
    if told:
        return told
    return frozenset({"segment"}) if wanted in ("verbose_json", "srt", "vtt") else frozenset()


# -- what was said ------------------------------------------------------------------------------
def render_transcription(response: TranscriptionResponse, asked: Asked) -> JsonObject | str:
    """An object, or the text of the answer. Raises `Unrepresentable` for subtitles of a model that
    tells no times."""
    match asked.form:
        case "text":
            return response.text + "\n"
        case "srt":
            return _render_srt(_cues(response, "srt"))
        case "vtt":
            return _render_vtt(_cues(response, "vtt"))
        case "verbose_json":
            return _render_verbose(response, asked)
        case "json":
            return {"text": response.text, **_render_usage(response)}


def _render_usage(response: TranscriptionResponse) -> JsonObject:
    if response.duration is None:
        return {}
    return {"usage": {"type": "duration", "seconds": response.duration}}


def _render_verbose(response: TranscriptionResponse, asked: Asked) -> JsonObject:
    body: dict[str, Json] = {
        "task": "transcribe",
        "language": response.language or asked.language or UNKNOWN,
        "text": response.text,
        **_render_usage(response),
    }
    if response.duration is not None:
        body["duration"] = response.duration
    if "segment" in asked.times:
        body["segments"] = [
            {"id": place, "start": one.start, "end": one.end, "text": one.text}
            for place, one in enumerate(response.segments)
        ]
    if "word" in asked.times:
        body["words"] = [
            {"word": one.text, "start": one.start, "end": one.end} for one in response.words
        ]
    return body


# -- subtitles ----------------------------------------------------------------------------------
def _cues(response: TranscriptionResponse, form: str) -> Sequence[Segment]:
    """Without segments, all that was said is one cue as long as the recording."""
    if response.segments or not response.text.strip():
        return response.segments
    if response.duration is None:
        raise Unrepresentable("response_format", f"this model tells no times, which {form} needs")
    return [Segment(text=response.text, start=0.0, end=response.duration)]


def _render_srt(cues: Sequence[Segment]) -> str:
    return "".join(
        f"{number}\n{_clock(one.start, ',')} --> {_clock(one.end, ',')}\n{_line(one.text)}\n\n"
        for number, one in enumerate(cues, 1)
    )


def _render_vtt(cues: Sequence[Segment]) -> str:
    """What is said is no markup there."""
    return "WEBVTT\n\n" + "".join(
        f"{_clock(one.start, '.')} --> {_clock(one.end, '.')}\n"
        f"{escape(_line(one.text), quote=False)}\n\n"
        for one in cues
    )


def _line(text: str) -> str:
    """An empty line would end the cue."""
    return " ".join(text.split())


def _clock(seconds: float, point: str) -> str:
    """`01:02:03.004`."""
    milliseconds = round(max(seconds, 0.0) * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"
