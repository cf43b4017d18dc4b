"""In which order conversations are listed, and what comes after one of them in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Lookup, OrderBy
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from conversations.filters.columns import get_expression
from conversations.filters.grammar import Column, read_column
from conversations.filters.scanner import Scanner
from vocabulary.errors import InvalidRequest

MOST_COLUMNS = 4
PARAMETER = "order"

type Condition = Lookup[bool]


@dataclass(frozen=True, slots=True)
class Ordering:
    """By one column. NULLs, which only metadata has, are larger than everything unless told."""

    column: Column
    descending: bool = False
    nulls_first: bool | None = None


NEWEST_FIRST = (Ordering(Column("created_at"), descending=True),)


def parse_orders(text: str) -> tuple[Ordering, ...]:
    """`column[.asc|.desc][.nullsfirst|.nullslast],…`"""
    scanner = Scanner(text, PARAMETER)
    orders = [_read_ordering(scanner)]
    while scanner.take(","):
        orders.append(_read_ordering(scanner))
    scanner.expect_end()
    if len(orders) > MOST_COLUMNS:
        scanner.fail(f"orders by more than {MOST_COLUMNS} columns")
    return tuple(orders)


def compile_orders(orders: Sequence[Ordering]) -> list[OrderBy]:
    """For `order_by`. The id comes last, so that no two rows are equal."""
    last = OrderBy(F("id"), descending=orders[-1].descending)
    return [*map(_compile_ordering, orders), last]


def compile_after(orders: Sequence[Ordering], row: Any) -> Condition:
    """What comes after `row`: one comparison of rows, which an index answers at any depth."""
    [ordering] = orders
    name = ordering.column.name
    compare = TupleLessThan if ordering.descending else TupleGreaterThan
    return compare(Tuple(F(name), F("id")), (getattr(row, name), row.pk))


def check_can_continue(orders: Sequence[Ordering]) -> None:
    if len(orders) > 1 or orders[0].column.keys:
        raise InvalidRequest("after", "works with an order by one column that is not metadata")


def _read_ordering(scanner: Scanner) -> Ordering:
    column = read_column(scanner, ".", ",")
    get_expression(column, PARAMETER)
    descending, nulls_first = False, None
    if scanner.take(".desc"):
        descending = True
    else:
        scanner.take(".asc")
    if scanner.take(".nullsfirst"):
        nulls_first = True
    elif scanner.take(".nullslast"):
        nulls_first = False
    return Ordering(column, descending, nulls_first)


def _compile_ordering(ordering: Ordering) -> OrderBy:
    expression = get_expression(ordering.column, PARAMETER)
    if not ordering.column.keys:  # never NULL, and an index serves the plain order alone
        return OrderBy(expression, descending=ordering.descending)
    first = ordering.descending if ordering.nulls_first is None else ordering.nulls_first
    return OrderBy(
        expression,
        descending=ordering.descending,
        nulls_first=first or None,
        nulls_last=not first or None,
    )
