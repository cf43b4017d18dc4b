"""A conversation cut into turns and sentences that know where they stand in the original."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from wire.extraction import Line

type Speaker = Literal["customer", "agent"]

SPEAKERS: dict[str, Speaker] = {"user": "customer", "assistant": "agent"}
TITLES = ("Mr", "Mrs", "Ms", "Dr", "Prof", "St", "vs", "etc", "approx")
_AFTER_TITLE = "".join(rf"(?<!\b{title}\.)" for title in TITLES)
SENTENCE_END = re.compile(rf"{_AFTER_TITLE}(?<=[.!?…])\s+|\n+")
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# Speech is written down without stops: a longer piece is cut where a new clause is likely to begin.
MAX_WORDS = 32
# A very long conversation is read from both its ends: why people came, and how it ended.
MAX_SENTENCES = 400
MAX_TURN = 20_000
CLAUSE = re.compile(r"\s+(?=(?:but|so|because|and (?:i|we|you|it|then|they|the)|then)\b)", re.I)


@dataclass(frozen=True, slots=True)
class Span:
    """`text` stands at `start:end` of the message called `message`."""

    message: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A message of the customer or the agent; `place` runs from 0 (first) to 1 (last)."""

    message: int
    order: int
    speaker: Speaker
    text: str
    place: float

    def span(self, start: int, end: int) -> Span:
        return Span(self.message, start, end, self.text[start:end])


@dataclass(frozen=True, slots=True)
class Sentence:
    turn: Turn
    start: int
    end: int
    text: str

    @property
    def span(self) -> Span:
        return self.turn.span(self.start, self.end)

    @property
    def words(self) -> int:
        return len(WORD.findall(self.text))


@dataclass(frozen=True)
class Transcript:
    """What customer and agent said, in order. Messages of other roles are not part of it."""

    turns: tuple[Turn, ...]

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        everything = tuple(sentence for turn in self.turns for sentence in split(turn))
        if len(everything) <= MAX_SENTENCES:
            return everything
        return everything[: MAX_SENTENCES // 2] + everything[-MAX_SENTENCES // 2 :]

    def of(self, speaker: Speaker) -> tuple[Turn, ...]:
        return tuple(turn for turn in self.turns if turn.speaker == speaker)

    def sentences_of(self, speaker: Speaker) -> tuple[Sentence, ...]:
        return tuple(s for s in self.sentences if s.turn.speaker == speaker)

    def question_before(self, turn: Turn) -> str:
        """What the other one said just before `turn`; empty where nobody did."""
        earlier = self.turns[turn.order - 1] if turn.order else None
        return earlier.text if earlier and earlier.speaker != turn.speaker else ""

    def answer_after(self, turn: Turn) -> Turn | None:
        later = self.turns[turn.order + 1 : turn.order + 2]
        return later[0] if later and later[0].speaker != turn.speaker else None


def read_transcript(lines: Iterable[Line]) -> Transcript:
    """A transcript of `lines`; those of other roles and empty ones are left out.

    Of a single message the first 20,000 characters are read.
    """
    said = [line for line in lines if line.role in SPEAKERS and line.text.strip()]
    last = max(len(said) - 1, 1)
    return Transcript(
        tuple(
            Turn(line.index, order, SPEAKERS[line.role], line.text[:MAX_TURN], order / last)
            for order, line in enumerate(said)
        )
    )


def split(turn: Turn) -> Iterator[Sentence]:
    """The sentences of a turn, without the blanks around them."""
    for start, end in _pieces(turn.text):
        text = turn.text[start:end]
        bare = text.strip()
        if bare:
            begin = start + len(text) - len(text.lstrip())
            yield Sentence(turn, begin, begin + len(bare), bare)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    for start, end in _cut(text, 0, SENTENCE_END):
        if len(WORD.findall(text, start, end)) > MAX_WORDS:
            yield from _cut(text[:end], start, CLAUSE)
        else:
            yield start, end


def _cut(text: str, start: int, at: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    for match in at.finditer(text, start):
        yield start, match.start()
        start = match.end()
    yield start, len(text)
