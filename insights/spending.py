"""What a backfill has done and cost so far, and what the next answers may cost."""

import uuid
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Avg, Count, F, Q, Sum

from insights.models import Result, Run, RunItem, Status, TemplateVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """`cost` is USD of the answers made for the backfill; `unpriced` of them have no price."""

    ordered: int
    completed: int
    failed: int
    answers: int
    unpriced: int
    cost: Decimal

    def count_affordable(self, budget: Decimal, unless_free: int) -> int:
        """How many more answers fit into `budget`, if they cost as much as those so far."""
        if not self.cost:
            return unless_free
        return max(0, int((budget - self.cost) / (self.cost / self.answers)))


def find_spending(backfill_id: uuid.UUID) -> Spending:
    """Answers that were there before, and are only shared, cost nothing now."""
    runs = Run.unscoped.filter(backfill_id=backfill_id).aggregate(
        ordered=Count("id"),
        completed=Count("id", filter=Q(status=Status.COMPLETED)),
        failed=Count("id", filter=Q(status=Status.FAILED)),
    )
    own = RunItem.unscoped.filter(
        run__backfill_id=backfill_id, result__created_at__gte=F("run__created_at")
    ).aggregate(
        answers=Count("id", filter=Q(result__finished_at__isnull=False)),
        unpriced=Count("id", filter=Q(result__status=Status.COMPLETED, result__cost=None)),
        cost=Sum("result__cost", default=Decimal(0)),
    )
    return Spending(**runs, **own)


def find_usual_cost(version: TemplateVersion) -> Decimal | None:
    """USD of an answer to this template, by those there are; None if none of them has a price."""
    priced = Result.objects.for_organisation(version.organisation_id).filter(
        template_ref=version.template_id, status=Status.COMPLETED, cost__isnull=False
    )
    usual: Decimal | None = priced.aggregate(usual=Avg("cost"))["usual"]
    return usual
