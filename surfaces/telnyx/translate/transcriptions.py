"""Transcriptions: a form in, what was said out.

https://developers.telnyx.com/api-reference/audio/transcribe-speech-to-text

The SDK spells nested fields with brackets (`model_config[smart_format]=true`), the documentation
as one field of JSON; both are read.
"""

from dataclasses import dataclass, field
from typing import Final

from common.bodies import parse_json
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject
from vocabulary.transcription import Granularity, Segment, TranscriptionResponse, Word
from wire import fields
from wire.openai_audio import TIMES, TIMES_NAME, Fields, find_temperature, find_times
from wire.shapes import NUMBER, OBJECT, TEXT, WHOLE, array, nullable, record, said, word

MODELS: Final = frozenset(
    {
        "distil-whisper/distil-large-v2",
        "openai/whisper-large-v3-turbo",
        "deepgram/nova-3",
        "deepgram/nova-3-medical",
        "deepgram/nova-2",
        "deepgram/nova-2-medical",
        "nvidia/parakeet-v3",
        "omi-health/omi-med-stt-v1",
        "reson8/prerecorded",
    }
)
"""Telnyx' own. Where no upstream offers one, the organisation's usual model stands in."""
CONFIGURABLE: Final = ("deepgram/", "reson8/")
"""How models that take a `model_config` are called; others must be Deepgram's."""
CONFIGURED_KIND: Final = "deepgram"
SWITCHES: Final = ("smart_format", "punctuate", "diarize", "multichannel", "utterances", "numerals")
_READERS: Final = ("deepgram", "elevenlabs", "azurespeech")
_FORMATS: Final = ("json", "verbose_json")
_LONGEST: Final = {"model": 200, "language": 35, "file_url": 2000, "prompt": 10_000}

FORM: Final = record(
    "TranscriptionRequest",
    {
        "model": TEXT,
        "file": {"type": "string", "format": "binary"},
        "file_url": said(TEXT, "A recording on the web; either this or `file`."),
        "language": TEXT,
        "prompt": TEXT,
        "temperature": NUMBER,
        "response_format": word(*_FORMATS),
        TIMES_NAME: array(word(*TIMES)),
        "model_config": said(OBJECT, "Of Deepgram's models alone; JSON, or fields with brackets."),
    },
    required=["model"],
)
_WORD: Final = record(
    "TranscribedWord",
    {"word": TEXT, "start": NUMBER, "end": NUMBER, "confidence": NUMBER, "speaker": WHOLE},
    required=["word", "start", "end"],
)
TRANSCRIPTION: Final = record(
    "Transcription",
    {
        "text": TEXT,
        "duration": nullable(NUMBER),
        "segments": array(
            record(
                "TranscribedSegment",
                {
                    "id": WHOLE,
                    "start": NUMBER,
                    "end": NUMBER,
                    "text": TEXT,
                    "channel": WHOLE,
                    "speakers": array(WHOLE),
                },
                required=["id", "start", "end", "text"],
            )
        ),
        "words": array(_WORD),
    },
    required=["text"],
)


class Contradiction(InvalidRequest):
    """Fields of the request do not go together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the fields of a form ask for. `config` is empty where there was none."""

    model: str
    file_url: str | None = None
    language: str | None = None
    prompt: str | None = None
    temperature: float | None = None
    verbose: bool = False
    times: frozenset[Granularity] = frozenset()
    config: JsonObject = field(default_factory=dict)

    @property
    def extras(self) -> dict[str, JsonObject]:
        """For whichever provider comes to serve the model; each reads what it knows."""
        return dict.fromkeys(_READERS, self.config) if self.config else {}


# -- what is asked ------------------------------------------------------------------------------
def parse_transcription(form: Fields) -> Asked:
    """Raises InvalidRequest."""
    given = {name: text for name, text in form if text.strip()}
    for name, most in _LONGEST.items():
        if len(given.get(name, "")) > most:
            raise InvalidRequest(name, f"must be at most {most} characters")
    if "model" not in given:
        raise InvalidRequest("model", "is required", missing=True)
    verbose = _parse_format(given)
    config = _parse_config(form, given)
    language = config.get("language")
    return Asked(
        model=given["model"],
        file_url=given.get("file_url"),
        language=given.get("language") or (language if isinstance(language, str) else None),
        prompt=given.get("prompt"),
        temperature=find_temperature(given),
        verbose=verbose,
        times=_parse_times(form, verbose=verbose),
        config={name: value for name, value in config.items() if name in SWITCHES},
    )


def check_source(asked: Asked, *, has_file: bool) -> None:
    """There is one recording: a file, or an address of one."""
    if has_file and asked.file_url is not None:
        raise Contradiction("file_url", "send either a file or a file_url, not both")
    if not has_file and asked.file_url is None:
        raise Contradiction("file", "send a file or a file_url")


def check_config(asked: Asked, kind: str) -> None:
    """Only some models are configured; `kind` is that of the provider that serves this one."""
    if asked.config and kind != CONFIGURED_KIND and not asked.model.startswith(CONFIGURABLE):
        raise Contradiction("model_config", f"is not for the model '{asked.model}'")


def _parse_format(given: dict[str, str]) -> bool:
    name = given.get("response_format", "json")
    if name not in _FORMATS:
        raise InvalidRequest("response_format", f"must be one of {', '.join(_FORMATS)}")
    return name == "verbose_json"


def _parse_times(form: Fields, *, verbose: bool) -> frozenset[Granularity]:
    told = find_times(form)
    if told and not verbose:
        raise Contradiction(TIMES_NAME, "needs the response_format verbose_json")
    return told | ({"segment"} if verbose else set())


def _parse_config(form: Fields, given: dict[str, str]) -> JsonObject:
    """Deepgram's switches, whichever way they were spelled."""
    config: dict[str, Json] = {}
    if "model_config" in given:
        try:
            config |= fields.as_object(parse_json(given["model_config"].encode()), "model_config")
        except InvalidRequest as fault:
            message = "must be an object, as JSON or as fields with brackets"
            raise InvalidRequest("model_config", message) from fault
    for name, text in form:
        if name.startswith("model_config[") and name.endswith("]"):
            config[name[len("model_config[") : -1]] = _read_switch(text)
    if "utterance" in config:
        config.setdefault("utterances", config.pop("utterance"))
    for name in SWITCHES:
        fields.find_flag(config, name, "model_config")
    fields.find_text(config, "language", "model_config")
    return {name: value for name, value in config.items() if value is not None}


def _read_switch(text: str) -> Json:
    return {"true": True, "false": False}.get(text.lower(), text)


# -- what was said ------------------------------------------------------------------------------
def render_transcription(response: TranscriptionResponse, *, verbose: bool) -> JsonObject:
    if not verbose:
        return {"text": response.text}
    body: dict[str, Json] = {
        "text": response.text,
        "duration": response.duration,
        "segments": [_render_segment(i, one) for i, one in enumerate(response.segments)],
    }
    if response.words:
        body["words"] = [_render_word(one) for one in response.words]
    return body


def _render_segment(number: int, segment: Segment) -> JsonObject:
    body: dict[str, Json] = {
        "id": number,
        "start": segment.start,
        "end": segment.end,
        "text": segment.text,
    }
    if segment.channel is not None:
        body["channel"] = segment.channel
    if segment.speakers:
        body["speakers"] = list(segment.speakers)
    return body


def _render_word(one: Word) -> JsonObject:
    body: dict[str, Json] = {"word": one.text, "start": one.start, "end": one.end}
    if one.confidence is not None:
        body["confidence"] = one.confidence
    if one.speaker is not None:
        body["speaker"] = one.speaker
    return body
