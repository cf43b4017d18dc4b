"""How much was transcribed in a time, and what it cost."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from common.clock import rfc3339
from surfaces.telnyx.translate.conversations import InvalidFilter
from surfaces.telnyx.translate.queries import Query, find_text
from vocabulary.json import JsonObject
from wire.shapes import MONEY, NUMBER, TEXT, TIME, WHOLE, array, record, word

if TYPE_CHECKING:
    from usage.transcribed import Transcribed

_SUMS: Final = {
    "total_requests": WHOLE,
    "failed_requests": WHOLE,
    "total_seconds": NUMBER,
    "cost": MONEY,
}
USAGE: Final = record(
    "SpeechToTextUsage",
    {
        "start_date": TIME,
        "end_date": TIME,
        **_SUMS,
        "currency": word("USD"),
        "by_model": array(record("SpeechToTextModelUsage", {"model": TEXT, **_SUMS})),
    },
)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)
_MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Both ends are included."""

    first: datetime
    last: datetime

    @property
    def until(self) -> datetime:
        """The first moment that is not."""
        return self.last + _MOMENT


def parse_span(query: Query, now: datetime) -> Span:
    """Dates or times, in UTC unless they have a zone; a date as the end is all of that day.

    The end is now and the start that month's first day, unless told otherwise.
    """
    last = _find(query, "end_date", is_end=True) or now
    month = last.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    first = _find(query, "start_date", is_end=False) or month
    if first > last:
        raise InvalidFilter("end_date", "must not be before start_date")
    return Span(first, last)


def render_usage(span: Span, models: "Sequence[Transcribed]") -> JsonObject:
    return {
        "start_date": rfc3339(span.first),
        "end_date": rfc3339(span.last),
        "total_requests": sum(each.requests for each in models),
        "failed_requests": sum(each.failed for each in models),
        "total_seconds": float(sum((each.seconds for each in models), Decimal(0))),
        "cost": _money(sum((each.cost for each in models), Decimal(0))),
        "currency": "USD",
        "by_model": [_render_model(each) for each in models],
    }


def _render_model(model: "Transcribed") -> JsonObject:
    return {
        "model": model.model,
        "total_requests": model.requests,
        "failed_requests": model.failed,
        "total_seconds": float(model.seconds),
        "cost": _money(model.cost),
    }


def _money(amount: Decimal) -> str:
    return f"{amount.normalize():f}" if amount else "0"


def _find(query: Query, name: str, *, is_end: bool) -> datetime | None:
    """A zone's plus sign that was sent unencoded has become a space."""
    text = find_text(query, name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        if is_end and _DAY.fullmatch(text):
            moment += timedelta(days=1) - _MOMENT
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return min(moment, _LATEST)
    except (ValueError, OverflowError) as error:
        raise InvalidFilter(name, f"'{text[:80]}' is not a date or time") from error
