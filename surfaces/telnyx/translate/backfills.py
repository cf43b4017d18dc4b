"""Insights over past conversations: which ones, how many, for how much."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final
from urllib.parse import parse_qs

from vocabulary.errors import InvalidRequest
from vocabulary.json import Json
from wire import fields
from wire.shapes import MONEY, TEXT, UUID, WHOLE, nullable, record, said, word

PROGRESS: Final = record(
    "BackfillProgress",
    {
        "matching": said(WHOLE, "Conversations that the filter finds."),
        "wanted": said(WHOLE, "So many of them are asked about."),
        "estimated_cost": nullable(MONEY),
        "ordered": WHOLE,
        "completed": WHOLE,
        "failed": WHOLE,
        "cost": nullable(MONEY),
        "stopped": said(TEXT, "Why no more are asked about."),
    },
    required=[],
)
BACKFILL: Final = record(
    "Backfill",
    {
        "id": UUID,
        "status": word("queued", "running", "waiting", "completed", "failed", "cancelled"),
        "progress": nullable(PROGRESS),
        "error": nullable(TEXT),
    },
)


def parse_filter(value: Json) -> Mapping[str, Sequence[str]]:
    """The conversations, in the words of their list: as a query string (`name=like.A%&limit=5`), or
    as an object of parameters (`{"created_at": ["gte.2025-01-01", "lt.2025-02-01"]}`)."""
    if value is None:
        return {}
    if isinstance(value, str):
        return _read_query(value)
    given = fields.as_object(value, "filter")
    return {name: _parse_values(values, f"filter.{name}") for name, values in given.items()}


def name_fault(fault: InvalidRequest, filter: Mapping[str, Sequence[str]]) -> InvalidRequest:
    """A fault of one of the filter's parameters, by its place in the body."""
    if fault.path not in filter:
        return fault
    return InvalidRequest(f"filter.{fault.path}", fault.message)


def parse_money(value: Json, path: str) -> Decimal | None:
    """USD, as a number or as decimal text."""
    if value is None:
        return None
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise InvalidRequest(path, "must be an amount of USD, as a number or as text")
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise InvalidRequest(path, "must be an amount of USD, such as 1.50") from error
    if not (amount.is_finite() and 0 < amount < 10**9):
        raise InvalidRequest(path, "must be more than 0 and less than 1,000,000,000")
    return amount


def _read_query(text: str) -> Mapping[str, Sequence[str]]:
    try:
        return parse_qs(text, strict_parsing=True, max_num_fields=100)
    except ValueError as error:
        raise InvalidRequest("filter", "is not a query string") from error


def _parse_values(value: Json, path: str) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [fields.as_text(v, f"{path}[{i}]") for i, v in enumerate(fields.as_list(value, path))]
