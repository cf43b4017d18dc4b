"""A query string as a whole: which conversations, in which order, from where and how many."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from uuid import UUID

from django.db.models import Q

from conversations.filters.columns import compile_node
from conversations.filters.grammar import (
    LOGIC,
    Node,
    find_comparisons,
    parse_column,
    parse_comparison,
    parse_group,
)
from conversations.filters.ordering import (
    NEWEST_FIRST,
    PARAMETER,
    Ordering,
    check_can_continue,
    parse_orders,
)
from vocabulary.errors import InvalidRequest

LONGEST = 4_000
MOST_TERMS = 10
USUAL_LIMIT = 20
MOST_LIMIT = 1_000
MOST_OFFSET = 100_000
_PAGING = {PARAMETER, "limit", "offset", "after", "page[size]", "page[number]"}

type Parameters = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """`after` is the id of the conversation that the page before ended with."""

    where: Q
    orders: tuple[Ordering, ...]
    limit: int
    offset: int
    after: UUID | None


def parse_listing(parameters: Parameters) -> Listing:
    """Read a query string's parameters, empty ones as absent.

    Raises `InvalidRequest`, with the parameter as its path, for whatever is wrong with them.
    """
    pairs = list(_read_pairs(parameters))
    paging = {name: text for name, text in pairs if name in _PAGING}
    orders = parse_orders(paging[PARAMETER]) if PARAMETER in paging else NEWEST_FIRST
    limit = _read_limit(paging)
    return Listing(
        where=_compile([(name, text) for name, text in pairs if name not in _PAGING]),
        orders=orders,
        limit=limit,
        offset=_read_offset(paging, limit),
        after=_read_after(paging, orders),
    )


def _read_pairs(parameters: Parameters) -> Iterator[tuple[str, str]]:
    for name, texts in parameters.items():
        for text in filter(None, texts):
            _check_text(name, f"{name}={text}")
            yield name, text


def _check_text(path: str, text: str) -> None:
    if len(text) > LONGEST:
        raise InvalidRequest(path, f"is longer than {LONGEST} characters")
    if "\x00" in text or (not text.isprintable() and _has_surrogates(text)):
        raise InvalidRequest(path, "holds a character that no text has")


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in text)


def _compile(pairs: Sequence[tuple[str, str]]) -> Q:
    trees = [(name, _parse_filter(name, text)) for name, text in pairs]
    if sum(1 for _, tree in trees for _ in find_comparisons(tree)) > MOST_TERMS:
        raise InvalidRequest(pairs[-1][0], f"there are more than {MOST_TERMS} comparisons")
    return reduce(and_, (compile_node(tree, name) for name, tree in trees), Q())


def _parse_filter(name: str, text: str) -> Node:
    if name in LOGIC:
        return parse_group(name, text, path=name)
    return parse_comparison(parse_column(name, path=name), text, path=name)


def _read_limit(paging: Mapping[str, str]) -> int:
    """More than the most is the most."""
    name = "limit" if "limit" in paging else "page[size]"
    return min(_read_number(paging, name, USUAL_LIMIT, least=1), MOST_LIMIT)


def _read_offset(paging: Mapping[str, str], limit: int) -> int:
    name = "offset" if "offset" in paging else "page[number]"
    number = _read_number(paging, name, 0, least=0)
    offset = number if name == "offset" else max(number - 1, 0) * limit
    if offset > MOST_OFFSET:
        raise InvalidRequest(name, f"cannot skip more than {MOST_OFFSET} rows; continue by 'after'")
    return offset


def _read_number(paging: Mapping[str, str], name: str, usual: int, *, least: int) -> int:
    text = paging.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):
        raise InvalidRequest(name, f"must be a whole number of at least {least}")
    return int(text)


def _read_after(paging: Mapping[str, str], orders: Sequence[Ordering]) -> UUID | None:
    if "after" not in paging:
        return None
    check_can_continue(orders)
    try:
        return UUID(paging["after"])
    except ValueError as error:
        raise InvalidRequest("after", "is not a UUID") from error
