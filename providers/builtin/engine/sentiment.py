"""How the customer felt: VADER's word scores, phrases of praise and complaint, and how it ended.

A mood is a number from 0 (furious) to 1 (delighted), and labels are read off it. Satisfaction adds
how the matter ended: stars and scores are read off that.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from providers.builtin.engine.cues import Sign, hear
from providers.builtin.engine.fields import Field
from providers.builtin.engine.find import Find, found
from providers.builtin.engine.mood_phrases import (
    COMPLAINT,
    COMPLAINT_SENTENCES,
    PRAISE,
    PRAISE_SENTENCES,
)
from providers.builtin.engine.resolution import judge
from providers.builtin.engine.spoken import DIGITS, TEENS
from providers.builtin.engine.study import Study
from providers.builtin.engine.transcript import Sentence, Span

# Thanks and good wishes are manners, not moods.
MANNERS = re.compile(
    r"\b(?:thank you|thanks|thank|cheers|please|hi|hello|hey|good (?:morning|afternoon|evening|day)"
    r"|bye|goodbye|sure|yes|ok(?:ay)?|fine|no problem|help)\b",
    re.I,
)
GOOD_FROM, BAD_TO = 0.6, 0.3
SETTLED_WEIGHT = 0.15
# VADER compares each word with each: a sentence that never ends would keep it forever.
MAX_TONE = 1_000
_COUNT = "|".join([*DIGITS, *TEENS])
EXPLICIT = re.compile(
    rf"\b(?P<given>\d{{1,2}}|{_COUNT})(?: stars?)?(?: out of | ?/ ?)(?P<most>\d{{1,3}}|{_COUNT})\b",
    re.I,
)
HIGHEST_SCORES = range(3, 101)
DEFAULT_SCALE = (1.0, 5.0)


@dataclass(frozen=True, slots=True)
class Mood:
    value: float
    satisfaction: float
    spans: tuple[Span, ...]

    @property
    def confidence(self) -> float:
        """Moods far from the middle are surer."""
        return 0.4 + abs(self.value - (GOOD_FROM + BAD_TO) / 2)

    @property
    def label(self) -> str:
        if self.value >= GOOD_FROM:
            return "positive"
        return "negative" if self.value <= BAD_TO else "neutral"


@cache
def _vader() -> SentimentIntensityAnalyzer:
    return SentimentIntensityAnalyzer()  # type: ignore[no-untyped-call]


def feel(study: Study) -> Mood | None:
    """The customer's mood; None if the customer said nothing."""
    sentences = study.transcript.sentences_of("customer")
    if not sentences:
        return None
    praise = _saturated(hear(sentences, PRAISE))
    complaint = _saturated(hear(sentences, COMPLAINT))
    leaning = _leaning(study, sentences)
    value = 0.5 + 0.25 * praise - 0.28 * complaint + 0.12 * _tone(sentences) + 0.08 * leaning
    settled = max(min(study.once(judge).balance / 2, 1.0), -1.0)
    # An open end disappoints those who complained; others may have wanted no end yet.
    ending = settled if settled > 0 else settled * complaint
    return Mood(
        _bounded(value),
        _bounded(value + SETTLED_WEIGHT * ending),
        _evidence(sentences, value),
    )


def _bounded(share: float) -> float:
    return max(min(share, 1.0), 0.0)


def _saturated(signs: Sequence[Sign]) -> float:
    """0 for none, towards 1.5 for many."""
    total = sum(sign.weight for sign in signs)
    return 1.5 * total / (total + 0.75)


def _tone(sentences: Sequence[Sentence]) -> float:
    """VADER's mean, late sentences weighing up to three times the first."""
    weights = [1 + 2 * s.turn.place for s in sentences]
    scores = [compound(s.text) for s in sentences]
    return sum(w * c for w, c in zip(weights, scores, strict=True)) / sum(weights)


def compound(text: str) -> float:
    """VADER's score of a text without its manners, from -1 to 1."""
    bare = MANNERS.sub(" ", text[:MAX_TONE])
    scores: dict[str, float] = _vader().polarity_scores(bare)  # type: ignore[no-untyped-call]
    return scores["compound"]


def _leaning(study: Study, sentences: Sequence[Sentence]) -> float:
    """Likeness to praise less likeness to complaint, late sentences first; 0 without meaning."""
    if not study.sense.is_trained:
        return 0.0
    texts = [s.text for s in sentences]
    weights = [0.5 + s.turn.place for s in sentences]
    praise = study.sense.closeness(texts, PRAISE_SENTENCES).max(axis=1).tolist()
    complaint = study.sense.closeness(texts, COMPLAINT_SENTENCES).max(axis=1).tolist()
    return max((w * p for w, p in zip(weights, praise, strict=True)), default=0.0) - max(
        (w * c for w, c in zip(weights, complaint, strict=True)), default=0.0
    )


def _evidence(sentences: Sequence[Sentence], mood: float) -> tuple[Span, ...]:
    """The sentence that speaks most in the mood's direction, late ones first among equals."""
    sign = 1 if mood > (GOOD_FROM + BAD_TO) / 2 else -1
    cues = PRAISE if sign > 0 else COMPLAINT

    def force(sentence: Sentence) -> float:
        heard = sum(s.weight for s in hear([sentence], cues))
        return heard + sign * compound(sentence.text) + 0.2 * sentence.turn.place

    return (max(sentences, key=force).span,)


# -- what a field wants -------------------------------------------------------------------------
def find_rating(study: Study, field: Field) -> Find | None:
    """A score that was named, else the mood on the field's scale."""
    low, high = scale(field)
    named = _named_score(study, low, high)
    if named is not None:
        return named
    mood = study.once(feel)
    if mood is None:
        return None
    value = low + (high - low) * mood.satisfaction
    is_whole = field.schema.get("type") != "number" or high - low > 2
    return found(round(value) if is_whole else round(value, 2), mood.spans, mood.confidence * 0.8)


def scale(field: Field) -> tuple[float, float]:
    """The bounds that the schema sets, else those its words name, else 1 to 5."""
    low, high = field.schema.get("minimum"), field.schema.get("maximum")
    if isinstance(low, int | float) and isinstance(high, int | float) and low < high:
        return float(low), float(high)
    said = re.search(r"\b(-?\d+)\b[^\d.;]{1,40}?\b(\d+)\b", field.description)
    if said and float(said[1]) < float(said[2]):
        return float(said[1]), float(said[2])
    return DEFAULT_SCALE


def _named_score(study: Study, low: float, high: float) -> Find | None:
    """The last `4 out of 5` that the customer said, carried over to the wanted scale."""
    for sentence in reversed(study.transcript.sentences_of("customer")):
        match = EXPLICIT.search(sentence.text)
        if match and (most := _count(match["most"])) in HIGHEST_SCORES:
            given = min(_count(match["given"]), most)
            value = given if most == high else low + (high - low) * given / most
            span = sentence.turn.span(sentence.start + match.start(), sentence.start + match.end())
            return found(round(value), [span], 0.95)
    return None


def _count(text: str) -> int:
    return int(text if text.isdigit() else {**DIGITS, **TEENS}[text.lower()])
