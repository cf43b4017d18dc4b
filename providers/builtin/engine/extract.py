"""The door of the engine: an extraction in, a finding out."""

from functools import lru_cache

from providers.builtin.engine.free_text import answer
from providers.builtin.engine.repair import repair
from providers.builtin.engine.sense import Sense, best_sense
from providers.builtin.engine.study import Judge, Study
from providers.builtin.engine.transcript import read_transcript
from providers.builtin.engine.walk import Walk, quotes
from vocabulary.json import JsonObject
from wire.extraction import Extraction, Finding, Line

STUDIES_KEPT = 32


def extract(
    extraction: Extraction, sense: Sense | None = None, judge: Judge | None = None
) -> Finding:
    """What the instructions and the schema ask for, as far as the transcript says it.

    Takes 5-20 ms of the calling thread by patterns alone, up to a second with MiniLM.
    """
    study = _study(extraction.lines, sense or best_sense(), judge)
    if extraction.schema is None:
        find = answer(study, extraction.instructions)
        return Finding(value=find.value, quotes=quotes(find, "")) if find else Finding(value=None)
    return fill(study, extraction.schema, extraction.instructions)


def fill(study: Study, schema: JsonObject, instructions: str) -> Finding:
    """A value that `schema` accepts, with its evidence."""
    piece = repair(Walk(study, schema, instructions).whole(), schema)
    return Finding(value=piece.value, quotes=piece.quotes)


@lru_cache(maxsize=STUDIES_KEPT)
def _study(lines: tuple[Line, ...], sense: Sense, judge: Judge | None) -> Study:
    """Templates of one conversation follow each other: they share what was found once."""
    return Study(read_transcript(lines), sense, judge=judge)
