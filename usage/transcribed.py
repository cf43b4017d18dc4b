"""How much was transcribed: sums over the ledger, a model at a time."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q, Sum

from organisations.actor import Actor
from usage.models import Outcome, Purpose, UsageRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcribed:
    """What was transcribed by a model, or by all. `cost` is USD, of what has a price."""

    model: str
    requests: int
    failed: int
    seconds: Decimal
    cost: Decimal


def find_transcribed(actor: Actor, since: datetime, until: datetime) -> list[Transcribed]:
    """From `since` up to, not including, `until`; one item a model, by name."""
    mine = UsageRecord.objects.for_organisation(actor.organisation_id)
    rows = mine.filter(purpose=Purpose.TRANSCRIPTION, at__gte=since, at__lt=until)
    return [
        Transcribed(**row)
        for row in rows.order_by("model")
        .values("model")
        .annotate(
            requests=Count("pk"),
            failed=Count("pk", filter=~Q(outcome=Outcome.OK)),
            seconds=Sum("audio_seconds", default=Decimal(0)),
            cost=Sum("cost", default=Decimal(0)),
        )
    ]
