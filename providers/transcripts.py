"""Transcriptions in the OpenAI format, read: what adapters of several upstreams share.

Beyond OpenAI's own fields, segments may tell their channel and words who said them.
"""

from providers.replies import misshapen, read_json
from providers.sounds import objects_at, seconds, text_at, whole_at
from vocabulary.chat import Usage
from vocabulary.errors import InvalidRequest
from vocabulary.json import JsonObject
from vocabulary.transcription import Segment, TranscriptionResponse, Word
from wire import fields


def decode_transcription(body: bytes, model: str) -> TranscriptionResponse:
    """Raises UpstreamUnavailable."""
    try:
        answer = fields.as_object(read_json(body), "")
        text = fields.get_text(answer, "text", "")
    except InvalidRequest as fault:
        raise misshapen(fault) from fault
    return TranscriptionResponse(
        model=model,
        text=text,
        duration=seconds(answer.get("duration")),
        language=text_at(answer, "language") or None,
        segments=tuple(_segment(one) for one in objects_at(answer, "segments")),
        words=tuple(read_word(one) for one in objects_at(answer, "words")),
        usage=_usage(answer),
    )


def _segment(one: JsonObject) -> Segment:
    return Segment(
        text=text_at(one, "text"),
        start=seconds(one.get("start")) or 0.0,
        end=seconds(one.get("end")) or 0.0,
        speakers=_speakers(one),
        channel=whole_at(one, "channel"),
    )


def read_word(one: JsonObject) -> Word:
    """As several vendors spell one."""
    return Word(
        text=text_at(one, "punctuated_word", "word"),
        start=seconds(one.get("start")) or 0.0,
        end=seconds(one.get("end")) or 0.0,
        confidence=seconds(one.get("confidence")),
        speaker=whole_at(one, "speaker"),
    )


def _speakers(one: JsonObject) -> tuple[int, ...]:
    told = one.get("speakers")
    numbers = told if isinstance(told, list) else []
    return tuple(n for n in numbers if isinstance(n, int) and not isinstance(n, bool))


def _usage(answer: JsonObject) -> Usage:
    """Either seconds or tokens."""
    usage = answer.get("usage")
    if not isinstance(usage, dict):
        return Usage()
    return Usage(
        audio_seconds=seconds(usage.get("seconds")) or 0.0,
        prompt_tokens=whole_at(usage, "input_tokens") or 0,
        completion_tokens=whole_at(usage, "output_tokens") or 0,
    )
