"""Answers by quotation: the passage of the dialogue nearest to the question, with its source."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from providers.builtin.engine.sense import Sense
from providers.builtin.engine.transcript import SENTENCE_END
from vocabulary.chat import ChatRequest, Message, Role
from wire.passages import read_passages

NOTHING = "I found nothing about that."
MOST_SENTENCES = 3
# Each sentence is weighed. Of more than this the beginning and the end are read, as of transcripts.
MOST_READ = 400
LONGEST_SENTENCE = 1_000
# A further sentence is quoted when it is nearly as near as the best.
NEARLY = 0.75
PARAGRAPH = re.compile(r"\n\s*\n+|\n(?=\s*(?:[-*•#]|\d+[.)]))")
# A line that goes on with a small letter was only cut to fit a page.
WRAPPED = re.compile(r"(?<=\S)[ \t]*\n[ \t]*(?=[a-z])")
SOURCES: dict[Role, str] = {
    "system": "the instructions",
    "developer": "the instructions",
    "user": "what you said",
    "assistant": "what was said before",
    "tool": "a tool's result",
}


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph of message number `message`, cut into sentences; `file` is what it was found in,
    where it was not said but put before the model (`wire.passages`)."""

    message: int
    role: Role
    sentences: tuple[str, ...]
    file: str = ""

    @property
    def source(self) -> str:
        return self.file or SOURCES[self.role]

    @property
    def text(self) -> str:
        return " ".join(self.sentences)


@dataclass(frozen=True, slots=True)
class Quotation:
    """Sentences of one passage, in its order."""

    passage: Passage
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.sentences)

    def __str__(self) -> str:
        return f"“{self.text}” (from {self.passage.source})"


def quote_answer(request: ChatRequest, sense: Sense) -> Quotation | None:
    """What the dialogue says about its last question; None where nothing is near enough."""
    question, passages = _read(request)
    if not question or not passages:
        return None
    cosines = sense.closeness([p.text for p in passages], [question])[:, 0]
    inner = [sense.closeness(p.sentences, [question])[:, 0] for p in passages]
    best = [
        max(float(whole), float(parts.max())) for whole, parts in zip(cosines, inner, strict=True)
    ]
    place = int(np.argmax(best))
    if best[place] < sense.thresholds.related:
        return None
    floor = NEARLY * inner[place].max()
    nearest = np.argsort(-inner[place], kind="stable")[:MOST_SENTENCES]
    chosen = sorted(int(i) for i in nearest if inner[place][i] >= floor)
    passage = passages[place]
    return Quotation(passage, tuple(passage.sentences[index] for index in chosen))


def _read(request: ChatRequest) -> tuple[str, list[Passage]]:
    """The question, and everything else that was said and is no question."""
    asked = next(
        (place for place, m in reversed(list(enumerate(request.messages))) if m.role == "user"),
        None,
    )
    question = _question(request.messages[asked].text) if asked is not None else ""
    passages = [
        passage
        for place, message in enumerate(request.messages)
        for passage in _passages(place, message, question if place == asked else "")
        if not passage.text.startswith(NOTHING)
    ]
    return question, _both_ends(passages)


def _both_ends(passages: list[Passage]) -> list[Passage]:
    """As many passages from the beginning and from the end as are read."""
    if sum(len(passage.sentences) for passage in passages) <= MOST_READ:
        return passages
    first = list(_up_to(MOST_READ // 2, passages))
    return first + list(_up_to(MOST_READ // 2, reversed(passages[len(first) :])))[::-1]


def _up_to(most: int, passages: Iterable[Passage]) -> Iterator[Passage]:
    """The first of them that have `most` sentences together; of the last, as many as fit."""
    for passage in passages:
        if most <= 0:
            return
        yield replace(passage, sentences=passage.sentences[:most])
        most -= len(passage.sentences)


def _question(text: str) -> str:
    """The last sentence that asks; else the last paragraph."""
    sentences = [s for paragraph in PARAGRAPH.split(text) for s in _sentences(paragraph)]
    asking = (sentence for sentence in reversed(sentences) if sentence.endswith("?"))
    paragraphs = [paragraph.strip() for paragraph in PARAGRAPH.split(text) if paragraph.strip()]
    return next(asking, paragraphs[-1] if paragraphs else "")


def _passages(place: int, message: Message, question: str) -> Iterator[Passage]:
    found = read_passages(message.text)
    if found is None:
        yield from _paragraphs(Passage(place, message.role, ()), message.text, question)
        return
    for each in found:
        of_file = Passage(place, message.role, (), each.file)
        yield from _paragraphs(of_file, each.text, question)


def _paragraphs(empty: Passage, text: str, question: str) -> Iterator[Passage]:
    """`empty` filled with each paragraph that tells something."""
    for paragraph in PARAGRAPH.split(text):
        if paragraph.strip() == question:
            continue
        said = _sentences(paragraph)
        telling = [s[:LONGEST_SENTENCE] for s in said if not s.endswith("?")]
        if telling:
            yield replace(empty, sentences=tuple(telling))


def _sentences(paragraph: str) -> list[str]:
    pieces = SENTENCE_END.split(WRAPPED.sub(" ", paragraph))
    return [s for piece in pieces if (s := piece.strip())]
