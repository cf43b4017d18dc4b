"""Reports over the ledger: sums of what an organisation used, grouped one way at a time."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from django.db.models import Avg, Count, F, Q, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import TruncDate

from organisations.actor import Actor
from usage.models import Outcome, UsageRecord

type Grouping = Literal["day", "model", "key", "purpose"]

_GROUPINGS: dict[Grouping, Combinable] = {
    "day": TruncDate("at"),
    "model": F("model"),
    "key": F("api_key_id"),
    "purpose": F("purpose"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What the inferences of one `group` used together.

    `group` is a UTC day, a model's name, an API key's id (None: no key) or a purpose. `cost` is USD
    over the `priced` inferences; the others have no price. `latency_ms` is the mean.
    """

    group: date | str | uuid.UUID | None
    requests: int
    failed: int
    hung_up: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cost: Decimal
    priced: int
    latency_ms: float


def summary(
    actor: Actor, *, by: Grouping, since: datetime, until: datetime | None = None
) -> list[Sums]:
    """The organisation's use from `since` up to, not including, `until`; one item a group."""
    rows = _records(actor, since, until).annotate(group=_GROUPINGS[by]).order_by("group")
    return [
        Sums(**row)
        for row in rows.values("group").annotate(
            requests=Count("pk"),
            failed=Count("pk", filter=Q(outcome=Outcome.FAILED)),
            hung_up=Count("pk", filter=Q(outcome=Outcome.HUNG_UP)),
            prompt_tokens=Sum("prompt_tokens"),
            completion_tokens=Sum("completion_tokens"),
            cached_tokens=Sum("cached_tokens"),
            priced=Count("cost"),  # before `cost` below hides the column
            cost=Sum("cost", default=Decimal(0)),
            latency_ms=Avg("latency_ms"),
        )
    ]


def _records(actor: Actor, since: datetime, until: datetime | None) -> QuerySet[UsageRecord]:
    rows = UsageRecord.objects.for_organisation(actor.organisation_id).filter(at__gte=since)
    return rows if until is None else rows.filter(at__lt=until)
