"""Counts over many insight results: what to group by, what to show, which results count."""

from datetime import UTC, datetime
from typing import Final, Literal, get_args

from surfaces.telnyx.translate.queries import InvalidQuery, Query, find_list
from wire.shapes import WHOLE, array, open_ended, record

type Comparison = Literal["eq", "gt", "gte", "lt", "lte"]

AGGREGATES: Final = record(
    "Aggregates",
    {
        "data": array(
            open_ended(
                record(
                    "Aggregate",
                    {"record_count": WHOLE},
                    about="The columns and measures that were asked for, by their names.",
                )
            )
        )
    },
)
COMPARISONS: Final[tuple[Comparison, ...]] = get_args(Comparison.__value__)


def parse_times(query: Query, name: str) -> list[tuple[Comparison, datetime]]:
    """`created_at=gte.2025-01-01`, repeated or joined for a range; a time without a zone is UTC."""
    return [_parse_time(name, text) for text in find_list(query, name)]


def _parse_time(name: str, text: str) -> tuple[Comparison, datetime]:
    operator, _, moment = text.partition(".")
    for comparison in COMPARISONS:
        if operator == comparison:
            return comparison, _read_moment(name, moment)
    raise InvalidQuery(name, f"must begin with one of {', '.join(COMPARISONS)} and a dot")


def _read_moment(name: str, text: str) -> datetime:
    """A zone's plus sign that was sent unencoded has become a space."""
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidQuery(name, f"'{text[:80]}' is not a date or time") from error
