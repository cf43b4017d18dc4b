"""What of a model's finding is borne out by the transcript, judged by code and not by a model.

Each leaf of the value gets a state: `found` with quotes that stand in the messages, `unsupported`
without, `not_mentioned` where the model says nothing, `invalid` where the schema says no.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from insights.quotations import locate
from vocabulary.json import Json, JsonObject
from wire.extraction import Quote
from wire.pointers import escape


class FieldState(StrEnum):
    FOUND = "found"
    NOT_MENTIONED = "not_mentioned"
    UNSUPPORTED = "unsupported"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stored message: its id and its text as it came."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """`quote` is `text[start:end]` of the message."""

    message_id: str
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """The judgement of one leaf. `path` is its JSON Pointer; `confidence` from 0 to 1 or null."""

    path: str
    state: FieldState
    confidence: float | None = None
    evidence: tuple[Evidence, ...] = ()


type Verified = tuple[Evidence, float | None]


def judge(
    value: Json, quotes: Sequence[Quote], passages: Sequence[Passage], faulty: Iterable[str] = ()
) -> list[Field]:
    """One field for each leaf of `value`, in its order, then one for each other faulty path."""
    leaves = dict(leaves_of(value))
    verified = _verify(quotes, passages, leaves)
    wrong = dict.fromkeys(faulty)
    fields = [
        Field(path=path, state=FieldState.INVALID)
        if path in wrong
        else _judge_leaf(path, leaf, _evidence_of(path, verified, only=len(leaves) == 1))
        for path, leaf in leaves.items()
    ]
    others = [Field(path=path, state=FieldState.INVALID) for path in wrong if path not in leaves]
    return fields + others


def leaves_of(value: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """Each scalar and each empty container in `value`, with its JSON Pointer."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from leaves_of(inner, f"{path}/{escape(name)}")
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from leaves_of(inner, f"{path}/{index}")
    else:
        yield path, value


def describe(field: Field) -> JsonObject:
    """The field as it is stored and shown."""
    return {
        "path": field.path,
        "state": field.state.value,
        "confidence": field.confidence,
        "evidence": [
            {"message_id": e.message_id, "quote": e.quote, "start": e.start, "end": e.end}
            for e in field.evidence
        ],
    }


def _judge_leaf(path: str, leaf: Json, verified: Sequence[Verified]) -> Field:
    if leaf is None or leaf == [] or leaf == {}:
        return Field(path=path, state=FieldState.NOT_MENTIONED)
    if not verified:
        return Field(path=path, state=FieldState.UNSUPPORTED)
    return Field(
        path=path,
        state=FieldState.FOUND,
        confidence=max((c for _, c in verified if c is not None), default=None),
        evidence=tuple(dict.fromkeys(evidence for evidence, _ in verified)),
    )


def _verify(
    quotes: Sequence[Quote], passages: Sequence[Passage], leaves: Iterable[str]
) -> dict[str, list[Verified]]:
    """The quotes that stand in the transcript, by the path that they are given for."""
    known = set(leaves)
    verified: dict[str, list[Verified]] = {}
    for quote in quotes:
        evidence = _find(quote, passages)
        if evidence is not None:
            path = _path(quote.path, known)
            verified.setdefault(path, []).append((evidence, quote.confidence))
    return verified


def _find(quote: Quote, passages: Sequence[Passage]) -> Evidence | None:
    """In the message it names, else in the first that holds it: models miscount messages."""
    named = passages[quote.message : quote.message + 1] if quote.message >= 0 else ()
    for passage in (*named, *passages):
        span = locate(quote.quote, passage.text)
        if span is not None:
            quoted = passage.text[span.start : span.end]
            return Evidence(message_id=passage.id, quote=quoted, start=span.start, end=span.end)
    return None


def _path(path: str, leaves: set[str]) -> str:
    """The JSON Pointer that is meant: models also write `name`, `#/name` and `/value/name`."""
    bare = path.removeprefix("#").removeprefix("/")
    pointer = f"/{bare}" if bare else ""
    return pointer if pointer in leaves else pointer.removeprefix("/value")


def _evidence_of(
    path: str, verified: Mapping[str, Sequence[Verified]], *, only: bool
) -> Sequence[Verified]:
    """What is given for the leaf itself, else for the nearest container around it. The whole value
    is too wide a container to bear out one leaf of several."""
    while path not in verified and path:
        path = path.rpartition("/")[0]
    return verified.get(path, ()) if path or only else ()
