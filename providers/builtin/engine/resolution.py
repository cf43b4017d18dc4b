"""Whether the customer's matter was settled, and whether somebody still has to come back to it.

Phrases that close a matter are weighed against phrases that leave it open, late ones most; where
sentences can be compared by meaning, likeness to typical last words counts as well.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from providers.builtin.engine.cues import Sign, hear
from providers.builtin.engine.fields import Field
from providers.builtin.engine.find import Find, found
from providers.builtin.engine.outcome_phrases import (
    CLOSED,
    CLOSED_SENTENCES,
    FOLLOW_UP,
    OPEN,
    OPEN_SENTENCES,
)
from providers.builtin.engine.study import Study
from providers.builtin.engine.transcript import Sentence

LATE = 0.5
PROTOTYPE_WEIGHT = 1.2
FOLLOW_UP_AT = 0.7
EVIDENCE = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """`balance` > 0: settled. `closing` and `opening` are the signs, strongest first."""

    balance: float
    closing: list[Sign]
    opening: list[Sign]
    follow_up: list[Sign]

    @property
    def is_resolved(self) -> bool:
        return self.balance > 0

    @property
    def confidence(self) -> float:
        return 1 / (1 + math.exp(-1.5 * abs(self.balance)))


def judge(study: Study) -> Verdict:
    sentences = study.transcript.sentences
    closing, opening = hear(sentences, CLOSED), hear(sentences, OPEN)
    balance = _total(closing) - _total(opening) + PROTOTYPE_WEIGHT * _leaning(study)
    follow_up = hear(sentences, FOLLOW_UP)
    return Verdict(balance, _strongest(closing), _strongest(opening), _strongest(follow_up))


def find_resolved(study: Study, field: Field) -> Find | None:
    verdict = study.once(judge)
    signs = verdict.closing if verdict.is_resolved else verdict.opening
    return _find(verdict.is_resolved, signs, verdict.confidence)


def find_unresolved(study: Study, field: Field) -> Find | None:
    find = find_resolved(study, field)
    return found(not find.value, find.spans, find.confidence) if find else None


def find_follow_up(study: Study, field: Field) -> Find | None:
    """Whether a promise to come back was made, or the matter stayed open."""
    verdict = study.once(judge)
    promised = _total(verdict.follow_up)
    if promised >= FOLLOW_UP_AT or not verdict.is_resolved:
        signs = [*verdict.follow_up, *verdict.opening]
        return _find(True, signs, verdict.confidence * (0.9 if promised else 0.7))
    return _find(False, verdict.closing, verdict.confidence * 0.9)


def _find(value: bool, signs: Sequence[Sign], confidence: float) -> Find | None:
    spans = list(dict.fromkeys(sign.sentence.span for sign in signs))[:EVIDENCE]
    return found(value, spans, confidence) if spans else None


def _leaning(study: Study) -> float:
    """How much more the second half is like closing than like open words; 0 without meaning."""
    late = [s for s in study.transcript.sentences if s.turn.place >= LATE]
    if not study.sense.is_trained or not late:
        return 0.0
    return _likeness(study, late, CLOSED_SENTENCES) - _likeness(study, late, OPEN_SENTENCES)


def _likeness(study: Study, sentences: Sequence[Sentence], typical: Sequence[str]) -> float:
    """The mean of the two best cosines."""
    cosines = study.sense.closeness([s.text for s in sentences], typical).max(axis=1)
    best = sorted(cosines.tolist(), reverse=True)[:2]
    return float(sum(best) / len(best))


def _total(signs: Sequence[Sign]) -> float:
    return sum(sign.weight for sign in signs)


def _strongest(signs: Sequence[Sign]) -> list[Sign]:
    return sorted(signs, key=lambda sign: (-sign.weight, -sign.sentence.turn.order))
