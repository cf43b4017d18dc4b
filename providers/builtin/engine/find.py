"""A find: a value with the words that bear it out. What has no words is not a find."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from providers.builtin.engine.transcript import Sentence, Span
from vocabulary.json import Json

STEM_LENGTH = 5
TOKEN = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """`confidence` is between 0 and 1 and says how often such finds are right, roughly."""

    value: Json
    spans: tuple[Span, ...]
    confidence: float


def found(value: Json, spans: Sequence[Span], confidence: float) -> Find:
    """A find whose confidence keeps two digits, so that the last bits of a float do not show."""
    return Find(value=value, spans=tuple(spans), confidence=round(min(max(confidence, 0), 1), 2))


def quote(sentence: Sentence, confidence: float) -> Find:
    """The sentence itself as the value."""
    return found(sentence.text, [sentence.span], confidence)


def stems(text: str) -> list[str]:
    """Words cut to their beginnings: `booked` and `booking` meet in `booki`… or nearly so."""
    return [stem(word) for word in TOKEN.findall(text.lower())]


def stem(word: str) -> str:
    for ending in ("ing", "ies", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            break
    return word[:STEM_LENGTH]
