"""A cue: a pattern whose presence in a sentence speaks for something, with a weight."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from providers.builtin.engine.transcript import Sentence, Speaker


@dataclass(frozen=True, slots=True)
class Cue:
    """`by` None: whoever says it. `late` is the share of the weight that its place decides."""

    weight: float
    pattern: re.Pattern[str]
    by: Speaker | None = None
    late: float = 0.0


@dataclass(frozen=True, slots=True)
class Sign:
    """A cue that was heard."""

    weight: float
    sentence: Sentence


def cue(weight: float, pattern: str, by: Speaker | None = None, late: float = 0.0) -> Cue:
    return Cue(weight, re.compile(rf"\b(?:{pattern})", re.I), by, late)


def hear(sentences: Iterable[Sentence], cues: Sequence[Cue]) -> list[Sign]:
    """The strongest cue of each sentence that has one."""
    heard = (_strongest(sentence, cues) for sentence in sentences)
    return [sign for sign in heard if sign is not None]


def _strongest(sentence: Sentence, cues: Sequence[Cue]) -> Sign | None:
    text = sentence.text.replace("’", "'")
    weights = [
        cue.weight * (1 - cue.late + cue.late * sentence.turn.place)
        for cue in cues
        if cue.by in (None, sentence.turn.speaker) and cue.pattern.search(text)
    ]
    return Sign(max(weights), sentence) if weights else None
