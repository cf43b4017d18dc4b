"""A head before one talk: which label it gives, how sure it is, and which words bear that out."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from providers.builtin import minilm
from providers.builtin.engine.find import Find, found
from providers.builtin.engine.study import Study
from providers.builtin.tuning.heads import Head

SENTENCES: Final = 40
"""So many of a long talk are looked at for the one to quote."""


class Odds(NamedTuple):
    """A label and its probability."""

    label: str
    share: float


class Judge:
    """One talk, given as a classifier reads it. Below `least` sureness it says nothing where that
    is allowed. Equal to itself alone, so that it may be part of a key."""

    def __init__(self, head: Head, text: str, least: float) -> None:
        self._head, self._text, self._least = head, text, least
        self._odds: list[Odds] | None = None

    @property
    def odds(self) -> list[Odds]:
        """The likeliest first. Blocks for about 10 ms the first time, longer for long talks."""
        if self._odds is None:
            shares = self._head.probabilities(minilm.embed([self._text]))[0]
            pairs = zip(self._head.labels, map(float, shares), strict=True)
            self._odds = sorted((Odds(*pair) for pair in pairs), key=lambda o: (-o.share, o.label))
        return self._odds

    def knows(self, values: Sequence[str]) -> bool:
        """Whether all of them are its labels."""
        return set(values) <= set(self._head.labels)

    def find(self, study: Study, values: Sequence[str], *, may_be_null: bool) -> Find | None:
        best = next(odds for odds in self.odds if odds.label in values)
        sentences = study.transcript.sentences_of("customer") or study.transcript.sentences
        if not sentences or (may_be_null and best.share < self._least):
            return None
        telling = sentences[:SENTENCES]
        place = self._head.labels.index(best.label)
        shares = self._head.probabilities(minilm.embed([s.text for s in telling]))[:, place]
        return found(best.label, [telling[int(shares.argmax())].span], best.share)
