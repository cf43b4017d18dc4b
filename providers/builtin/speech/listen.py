"""`builtin/listen`: writes down clear American English; demonstration quality.

Words come in lower case without punctuation. A prompt and a temperature change nothing.
"""

import importlib.util

from common.audio.reading import raise_fault
from common.programs import Limits, Program, ProgramFailed, ProgramTimedOut
from providers.builtin.speech.children import run_apart
from providers.builtin.threads import THREADS, Lane
from providers.protocols import Target
from vocabulary.chat import Usage
from vocabulary.errors import InvalidRequest, NotInstalled, UnsupportedMedia
from vocabulary.json import Json, JsonObject
from vocabulary.transcription import Segment, TranscriptionRequest, TranscriptionResponse, Word

PROGRAM = "providers.builtin.speech.listening_program"
MOST_SECONDS = 600
LIMITS = Limits(seconds=900, niceness=5)
"""It takes a seventh of a recording's length on a core of its own, and gives way to others."""
LANE = Lane(THREADS, 100)
LANGUAGES = ("en", "en-us")


async def transcribe(request: TranscriptionRequest, target: Target) -> TranscriptionResponse:
    """Raises `InvalidRequest` for another language, `UnsupportedMedia`, `TooLarge` for more than
    ten minutes, `NotInstalled` without the extra or on a Python without its package."""
    check_installed()
    _check_language(request.language)
    report = await run_apart(LANE, Program(PROGRAM, LIMITS), _heard, request)
    segments = _rows(report["segments"])
    words = [[_read_word(word) for word in _rows(segment)] for segment in segments]
    seconds = report["seconds"]
    assert isinstance(seconds, int | float)
    return TranscriptionResponse(
        model=target.name,
        text=" ".join(word.text for segment in words for word in segment),
        duration=round(seconds, 3),
        language="en",
        segments=tuple(map(_segment, words)),
        words=tuple(word for segment in words for word in segment),
        usage=Usage(audio_seconds=round(seconds, 3)),
        served_by=target.account.name,
    )


def check_installed() -> None:
    if importlib.util.find_spec("pocketsphinx") is None:
        raise NotInstalled("builtin/listen needs the extra `speech`, on Python 3.13 or later")


def _check_language(language: str | None) -> None:
    if language and language.lower().replace("_", "-") not in LANGUAGES:
        message = f"builtin/listen understands American English only, not '{language}'"
        raise InvalidRequest("language", message)


def _heard(program: Program, request: TranscriptionRequest) -> JsonObject:
    path = str(request.recording.path.resolve())
    try:
        report = program.run({"path": path, "most_seconds": MOST_SECONDS}).report
    except ProgramTimedOut:
        raise
    except ProgramFailed as error:
        raise UnsupportedMedia("the recording breaks its decoder") from error
    raise_fault(report)
    return report


def _segment(words: list[Word]) -> Segment:
    return Segment(
        text=" ".join(word.text for word in words), start=words[0].start, end=words[-1].end
    )


def _read_word(told: Json) -> Word:
    text, start, end = _rows(told)
    assert isinstance(start, int | float) and isinstance(end, int | float)
    return Word(text=str(text), start=start, end=end)


def _rows(value: Json) -> list[Json]:
    assert isinstance(value, list)
    return value
