"""Counts over many results: by what was found, by metadata, by day.

A caller names columns in words, each of which is looked up or parsed here; what is not known is
refused, and a JSON key reaches the database as a parameter only. Counted are completed results, of
each conversation and template the newest one, so that asking again never counts twice.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    Avg,
    Count,
    Exists,
    F,
    Func,
    JSONField,
    OuterRef,
    QuerySet,
    Sum,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import TruncDay, TruncHour, TruncMonth, TruncWeek
from django.db.models.lookups import Exact
from django.db.models.sql.compiler import SQLCompiler

from common import clock
from conversations.filters.sql import JsonText
from insights.models import Result, Status
from insights.reports import money
from organisations.actor import Actor
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject
from wire.pointers import steps_of

type Comparison = Literal["eq", "gt", "gte", "lt", "lte"]

MOST_TERMS = 10
MOST_ROWS = 1000
DEEPEST = 8
LONGEST_KEY = 200
COUNT = "record_count"
RATE = "rate"

COLUMNS = {
    "insight_id": "template_ref",
    "insight_name": "template__name",
    "template_version": "version_number",
    "conversation_id": "conversation_id",
    "generation": "generation",
    "model": "model",
    "served_by": "served_by",
}
PERIODS: Mapping[str, Callable[[str], Combinable]] = {
    "hour": TruncHour,
    "day": TruncDay,
    "week": TruncWeek,
    "month": TruncMonth,
}
MEASURES: Mapping[str, Callable[[], Combinable]] = {
    "prompt_tokens": lambda: Sum("prompt_tokens"),
    "completion_tokens": lambda: Sum("completion_tokens"),
    "cost": lambda: Sum("cost"),
    "latency_ms": lambda: Avg("latency_ms"),
}
COMPARISONS: Mapping[Comparison, str] = {
    "eq": "exact",
    "gt": "gt",
    "gte": "gte",
    "lt": "lt",
    "lte": "lte",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which results count. `created_at` compares with the result's own time."""

    insight_id: uuid.UUID | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    created_at: Sequence[tuple[Comparison, datetime]] = ()


def find_aggregates(
    actor: Actor, *, group_by: Sequence[str], show: Sequence[str] = (), only: Filter = Filter()
) -> list[JsonObject]:
    """Rows of the grouped columns, the measures to show and `record_count`, most frequent first;
    with a period among the columns in the order of time. At most 1,000 rows.

    A column is one of `COLUMNS`, a period (`day`, …; UTC), `metadata.<key>`, `value.<key>.<key>` or
    the JSON Pointer of a field (`/resolved`). Shown can be columns too, `MEASURES` and `rate`, the
    share of all that is counted. Raises InvalidRequest for other words.
    """
    names = list(dict.fromkeys([*group_by, *(n for n in show if not _is_measure(n))]))
    measures = [name for name in dict.fromkeys(show) if _is_measure(name) and name != COUNT]
    if len(names) + len(measures) + len(only.metadata) + len(only.created_at) > MOST_TERMS:
        raise InvalidRequest("group_by", f"at most {MOST_TERMS} columns and filters")
    results = _counted(actor, only)
    sums = {f"sum_{name}": MEASURES[name]() for name in measures if name != RATE}
    rows = (
        results.annotate(**{f"column_{i}": _column(name) for i, name in enumerate(names)})
        .values(*(f"column_{i}" for i in range(len(names))))
        .annotate(count=Count("id"), **sums)
        .order_by(*_order(names))
    )
    total = results.count() if RATE in measures else 0
    return [_render(row, names, measures, total) for row in rows[:MOST_ROWS]]


# -- which results ------------------------------------------------------------------------------
def _counted(actor: Actor, only: Filter) -> QuerySet[Result]:
    completed = Result.objects.for_organisation(actor.organisation_id).filter(
        status=Status.COMPLETED
    )
    newer = completed.filter(
        conversation_id=OuterRef("conversation_id"),
        template_ref=OuterRef("template_ref"),
        id__gt=OuterRef("id"),
    )
    return _narrow(completed.filter(~Exists(newer)), only).order_by()


def _narrow(results: QuerySet[Result], only: Filter) -> QuerySet[Result]:
    if only.insight_id:
        results = results.filter(template_ref=only.insight_id)
    for key, value in only.metadata.items():
        held = JsonText("conversation__metadata", [_check_key(key)])
        results = results.filter(Exact(held, value))
    for comparison, at in only.created_at:
        if comparison not in COMPARISONS:
            raise InvalidRequest("created_at", f"compares with one of {', '.join(COMPARISONS)}")
        results = results.filter(**{f"created_at__{COMPARISONS[comparison]}": at})
    return results


# -- columns ------------------------------------------------------------------------------------
class JsonAt(Func):
    """A member of a JSON column, as JSON; a null is as good as none. Django's own reading takes
    numerals for indexes of lists and, from SQLite, the text "1" for a number."""

    output_field = JSONField()

    def __init__(self, column: str, *keys: str) -> None:
        super().__init__(column)
        self.keys = keys

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, tuple[Any, ...]]:
        column, params = compiler.compile(self.source_expressions[0])
        return f"NULLIF({column} #> %s, 'null')", (*params, list(self.keys))

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, tuple[Any, ...]]:
        column, params = compiler.compile(self.source_expressions[0])
        path = "$" + "".join(f'."{key}"' for key in self.keys)
        return f"NULLIF({column} -> %s, 'null')", (*params, path)


def _column(name: str) -> Combinable:
    if name in COLUMNS:
        return F(COLUMNS[name])
    if name in PERIODS:
        return PERIODS[name]("created_at")
    if name.startswith("metadata."):
        return JsonAt("conversation__metadata", _check_key(name.removeprefix("metadata.")))
    if name.startswith("value."):
        return _member(name.removeprefix("value.").split("."))
    if name.startswith("/"):
        return _member(steps_of(name))
    raise InvalidRequest("group_by", f"there is no column '{name[:LONGEST_KEY]}'")


def _member(keys: Sequence[str]) -> Combinable:
    if len(keys) > DEEPEST:
        raise InvalidRequest("group_by", f"a path has at most {DEEPEST} steps")
    return JsonAt("value", *map(_check_key, keys))


def _check_key(key: str) -> str:
    """SQLite's JSON paths have no way to spell quotes and backslashes in a name."""
    if not 0 < len(key) <= LONGEST_KEY or any(sign in '"\\' or sign < " " for sign in key):
        raise InvalidRequest("group_by", "a key has 1 to 200 characters, no quotes or controls")
    return key


def _is_measure(name: str) -> bool:
    return name in MEASURES or name in (RATE, COUNT)


# -- rows ---------------------------------------------------------------------------------------
def _order(names: Sequence[str]) -> list[str]:
    """A time series runs forward; else the most frequent come first."""
    numbers = range(len(names))
    periods = [f"column_{i}" for i in numbers if names[i] in PERIODS]
    return [*periods, "-count", *(f"column_{i}" for i in numbers)]


def _render(
    row: Mapping[str, Any], names: Sequence[str], measures: Sequence[str], total: int
) -> JsonObject:
    count = row["count"]
    columns = {name: _plain(row[f"column_{i}"]) for i, name in enumerate(names)}
    shown = {n: count / total if n == RATE else _plain(row[f"sum_{n}"]) for n in measures}
    return columns | shown | {COUNT: count}


def _plain(value: Any) -> Json:
    match value:
        case datetime():
            return clock.rfc3339(value)
        case Decimal():
            return money(value)
        case uuid.UUID():
            return str(value)
    plain: Json = value
    return plain
