"""What may be asked of which column, and a comparison as a condition of the ORM.

A negation is compiled where it stands in the tree down at the comparisons, so that a metadata key
that is absent matches neither a comparison nor its negation, as in SQL.
"""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db import connection
from django.db.models import F, Lookup, Q
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
)

from conversations.filters.grammar import Column, Comparison, Node
from conversations.filters.sql import JsonText, Like
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json

METADATA = "metadata"
MOST_KEYS = 5

type Value = str | uuid.UUID | datetime
type Condition = Lookup[Any] | Like


def _read_text(text: str) -> str:
    """A phone number's plus sign, sent as it is, arrives as a space."""
    return re.sub(r"^ (?=\d{5,15}$)", "+", text)


def _read_instant(text: str) -> datetime:
    """ISO 8601; UTC where it names no zone. The zone's plus sign may have become a space."""
    spelled = re.sub(r"(:\d\d(?:\.\d+)?) (?=\d\d(?::?\d\d)?$)", r"\1+", text)
    instant = datetime.fromisoformat(spelled)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a column holds. `read` raises `ValueError` or `OverflowError`."""

    noun: str
    read: Callable[[str], Value]
    operators: frozenset[str]


_SCALARS = {
    "eq": Exact,
    "neq": Exact,
    "gt": GreaterThan,
    "gte": GreaterThanOrEqual,
    "lt": LessThan,
    "lte": LessThanOrEqual,
}
_PATTERNS = {"like", "ilike"}
_ORDERED = frozenset({*_SCALARS, "in", "is"})
TEXT = Kind("text", _read_text, _ORDERED | _PATTERNS)
UUID = Kind("UUID", uuid.UUID, _ORDERED)
INSTANT = Kind("date or time", _read_instant, _ORDERED)
KINDS: Mapping[str, Kind] = {
    "id": UUID,
    "name": TEXT,
    "created_at": INSTANT,
    "last_message_at": INSTANT,
    METADATA: TEXT,
}


def get_expression(column: Column, path: str) -> JsonText | F:
    """The column in SQL. Raises `InvalidRequest` for one that may not be asked for."""
    if column.name not in KINDS:
        raise InvalidRequest(path, f"unknown column '{column.name}'; there are {list(KINDS)}")
    if (column.name == METADATA) != bool(column.keys):
        raise InvalidRequest(path, "write metadata with a key (metadata->key), others without")
    if len(column.keys) > MOST_KEYS or not all(column.keys):
        raise InvalidRequest(path, f"a path has 1 to {MOST_KEYS} keys, none of them empty")
    return JsonText(METADATA, column.keys) if column.keys else F(column.name)


def compile_node(node: Node, path: str, *, negated: bool = False) -> Q:
    """The condition of a tree. Raises `InvalidRequest` at `path`."""
    negated ^= node.negated
    if isinstance(node, Comparison):
        return _compile_comparison(node, path, negated)
    members = (compile_node(member, path, negated=negated) for member in node.members)
    return reduce(or_ if (node.joint == "or") ^ negated else and_, members)


def _compile_comparison(comparison: Comparison, path: str, negated: bool) -> Q:
    column, operator = comparison.column, comparison.operator
    expression = get_expression(column, path)
    if operator not in KINDS[column.name].operators:
        raise InvalidRequest(path, f"unknown operator '{operator}' for {column.name}")
    if operator == "is":
        condition = _compile_is(column, expression, comparison.operand, path)
    else:
        values = _read_operand(KINDS[column.name], comparison.operand, path)
        if operator in {"eq", "in"} and column.keys and not negated and _has_containment():
            return _contain(column.keys, values)
        condition = Q(_compare(expression, operator, values))
    return ~condition if negated ^ (operator == "neq") else condition


def _read_operand(kind: Kind, operand: str | tuple[str, ...], path: str) -> list[Value]:
    try:
        return [kind.read(text) for text in ([operand] if isinstance(operand, str) else operand)]
    except (ValueError, OverflowError) as error:
        raise InvalidRequest(path, f"is not a {kind.noun}") from error


def _compare(expression: JsonText | F, operator: str, values: list[Value]) -> Condition:
    if operator == "in":
        return In(expression, values)
    [value] = values
    if operator in _PATTERNS:
        return Like(expression, str(value), ignoring_case=operator == "ilike")
    return _SCALARS[operator](expression, value)


def _compile_is(
    column: Column, expression: JsonText | F, operand: str | tuple[str, ...], path: str
) -> Q:
    if operand in {"null", "not_null"}:
        return Q(IsNull(expression, operand == "null"))
    if operand in {"true", "false"} and column.keys:
        return Q(Exact(expression, operand))
    raise InvalidRequest(path, f"'is' knows null and not_null here, not '{operand}'")


def _has_containment() -> bool:
    """Whether the database finds JSON by what it contains, and has an index for it."""
    return connection.features.supports_json_field_contains


def _contain(keys: tuple[str, ...], values: list[Value]) -> Q:
    """Equality that the index on metadata answers; all metadata values are texts."""
    documents = [_nest(keys, str(value)) for value in values]
    return reduce(or_, (Q(metadata__contains=each) for each in documents), Q(pk__in=[]))


def _nest(keys: tuple[str, ...], value: Json) -> Json:
    return reduce(lambda inner, key: {key: inner}, reversed(keys), value)
