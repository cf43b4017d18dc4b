"""What the finders look at: a transcript, the sense that compares sentences, and what was found.

Several fields ask for the same mood, the same agent, the same phone: `once` keeps each answer.
"""

import re
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from providers.builtin.engine.find import Find
from providers.builtin.engine.sense import Sense
from providers.builtin.engine.transcript import Sentence, Transcript

LABEL = re.compile(r"\w[:=]\s*\S")


class Judge(Hashable, Protocol):
    """Somebody trained to choose from one list of values, for the talk of one study."""

    def knows(self, values: Sequence[str]) -> bool: ...

    def find(self, study: "Study", values: Sequence[str], *, may_be_null: bool) -> Find | None: ...


class Study:
    """`last_resort` is the text for a required text that nothing is found for, if there is one.
    Lists of values that a `judge` knows are theirs."""

    def __init__(
        self,
        transcript: Transcript,
        sense: Sense,
        last_resort: str = "",
        judge: Judge | None = None,
    ) -> None:
        self.transcript = transcript
        self.sense = sense
        self.last_resort = last_resort
        self.judge = judge
        self._answers: dict[Callable[[Study], Any], Any] = {}

    @cached_property
    def has_labels(self) -> bool:
        """Whether anything is written as `label: value`."""
        return any(LABEL.search(turn.text) for turn in self.transcript.turns)

    def once[T](self, finder: Callable[["Study"], T]) -> T:
        """What `finder` answers about this study; it is asked at most once."""
        if finder not in self._answers:
            self._answers[finder] = finder(self)
        answer: T = self._answers[finder]
        return answer

    def nearest(self, wanted: str, among: Sequence[Sentence]) -> list[tuple[float, Sentence]]:
        """`among` with their cosines to `wanted`, nearest first, earlier first among equals."""
        cosines = self.sense.closeness([sentence.text for sentence in among], [wanted])[:, 0]
        order = np.argsort(-cosines, kind="stable")
        return [(float(cosines[index]), among[index]) for index in order]
