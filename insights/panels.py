"""A conversation's runs as its page shows them: each field's value, state and quotes, and where in
the transcript the quotes stand. The template escapes and lays out."""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from conversations.bubbles import Span
from insights.models import CLOSED, Result, Run
from vocabulary.json import Json
from wire.pointers import find, steps_of

MOST_FIELDS = 200
"""Fields of one result that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotePanel:
    """A quote, the mark in the transcript that its `key` names, and the address of that."""

    text: str
    key: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPanel:
    """A leaf of the value. `percent` is the model's confidence."""

    label: str
    value: str
    state: str
    is_empty: bool
    percent: int | None
    quotes: tuple[QuotePanel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPanel:
    id: uuid.UUID
    name: str
    version: int
    generation: int
    status: str
    error: str
    model: str
    served_by: str
    tokens: int
    cost: Decimal | None
    latency_ms: int | None
    fields: tuple[FieldPanel, ...]
    hidden: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPanel:
    id: uuid.UUID
    title: str
    trigger: str
    status: str
    error: str
    at: datetime
    length: int
    closed: int
    results: tuple[ResultPanel, ...]

    @property
    def is_pending(self) -> bool:
        return self.status not in CLOSED

    @property
    def percent(self) -> int:
        return 100 * self.closed // len(self.results) if self.results else 0


@dataclass(slots=True, kw_only=True)
class Marks:
    """Each quoted stretch of a message once, however many results quote it. `pages` are those of
    the transcript that quoted messages stand on; `page` is the one that is shown."""

    page: int = 1
    pages: Mapping[str, int] = field(default_factory=dict)
    keys: dict[tuple[str, int, int], str] = field(default_factory=dict)

    def key(self, message_id: str, start: int, end: int) -> str:
        return self.keys.setdefault((message_id, start, end), str(len(self.keys) + 1))

    def href(self, message_id: str, key: str) -> str:
        """The mark itself, or the page that has its message."""
        page = self.pages.get(message_id, self.page)
        return f"#q-{key}" if page == self.page else f"?messages={page}#q-{key}"

    def spans(self) -> Mapping[str, Sequence[Span]]:
        """By the message's id."""
        spans = defaultdict(list)
        for (message_id, start, end), key in self.keys.items():
            spans[message_id].append(Span(start, end, key))
        return spans


def read_runs(runs: Iterable[Run], marks: Marks) -> list[RunPanel]:
    """`runs` with their groups, results and the results' templates loaded."""
    return [_run(run, marks) for run in runs]


def cited(runs: Iterable[Run]) -> set[str]:
    """The ids of the messages that these runs' results quote."""
    return {
        item["message_id"]
        for run in runs
        for result in run.results.all()
        for judged in result.fields[:MOST_FIELDS]
        for item in judged["evidence"]
    }


def _run(run: Run, marks: Marks) -> RunPanel:
    results = list(run.results.all())
    return RunPanel(
        id=run.pk,
        title=run.group.name if run.group else "Chosen templates",
        trigger=run.get_trigger_display(),
        status=run.status,
        error=run.error,
        at=run.created_at,
        length=run.transcript_length,
        closed=sum(result.status in CLOSED for result in results),
        results=tuple(_result(result, marks) for result in results),
    )


def _result(result: Result, marks: Marks) -> ResultPanel:
    fields = result.fields
    return ResultPanel(
        id=result.pk,
        name=result.template.name if result.template else "A deleted template",
        version=result.version_number,
        generation=result.generation,
        status=result.status,
        error=result.error,
        model=result.model or result.requested_model,
        served_by=result.served_by,
        tokens=result.prompt_tokens + result.completion_tokens,
        cost=None if result.cost is None else result.cost.normalize(),
        latency_ms=result.latency_ms,
        fields=tuple(_field(f, result.value, marks) for f in fields[:MOST_FIELDS]),
        hidden=max(len(fields) - MOST_FIELDS, 0),
    )


def _field(judged: Mapping[str, Json], value: Json, marks: Marks) -> FieldPanel:
    path = str(judged["path"])
    said = spell(find(value, steps_of(path)))
    confidence = judged.get("confidence")
    return FieldPanel(
        label=label(path),
        value=said,
        state=str(judged["state"]),
        is_empty=not said,
        percent=round(confidence * 100) if isinstance(confidence, float | int) else None,
        quotes=tuple(_quotes(judged.get("evidence"), marks)),
    )


def _quotes(evidence: Json, marks: Marks) -> Iterator[QuotePanel]:
    for item in evidence if isinstance(evidence, list) else ():
        assert isinstance(item, Mapping)
        message_id, start, end = str(item["message_id"]), item["start"], item["end"]
        assert isinstance(start, int) and isinstance(end, int)
        key = marks.key(message_id, start, end)
        yield QuotePanel(text=str(item["quote"]), key=key, href=marks.href(message_id, key))


def label(path: str) -> str:
    """A JSON Pointer for people: `/next_steps/0/owner` is "Next steps 1, Owner"."""
    words: list[str] = []
    for step in steps_of(path):
        if step.isdigit() and words:
            words[-1] += f" {int(step) + 1}"
        else:
            spaced = step.replace("_", " ")
            words.append(spaced[:1].upper() + spaced[1:])
    return ", ".join(words)


def spell(value: Json) -> str:
    """A leaf for people; nothing for what says nothing."""
    match value:
        case None | [] | {}:
            return ""
        case bool():
            return "Yes" if value else "No"
        case str():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)
