"""The operator's view of the queue: figures for metrics and readiness."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Max, Min, Q
from django.db.models.functions import Now

from jobs import tallies
from jobs.models import Job, JobState, Tally, Worker

LATELY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`oldest_due` is in seconds; the last two rise over the life of the database."""

    by_kind: Mapping[tuple[str, str], int]  # (kind, queued | running | dead) → jobs
    oldest_due: float
    workers: int
    lease_expiries: int
    rings_again: int


def figures() -> Figures:
    """How the queue fares now, in four queries."""
    counted = dict(Tally.objects.values_list("name", "value"))
    return Figures(
        by_kind=_by_kind(),
        oldest_due=oldest_due(),
        workers=workers_seen(),
        lease_expiries=counted.get(tallies.LEASE_EXPIRIES, 0),
        rings_again=counted.get(tallies.RINGS_AGAIN, 0),
    )


def oldest_due() -> float:
    """For how many seconds the job that waits longest has been due; 0 if none waits."""
    due = Job.objects.filter(state=JobState.QUEUED, run_at__lte=Now())
    found = due.aggregate(since=Min("run_at"), now=Max(Now()))
    return (found["now"] - found["since"]).total_seconds() if found["since"] else 0.0


def workers_seen(within: timedelta = LATELY) -> int:
    """How many processes that run jobs were heard of lately."""
    return Worker.objects.filter(seen_at__gte=Now() - within).count()


def _by_kind() -> dict[tuple[str, str], int]:
    open_or_dead = Q(state__in=(JobState.QUEUED, JobState.RUNNING, JobState.DEAD))
    counts = Job.objects.filter(open_or_dead).values("kind", "state").annotate(number=Count("id"))
    return {(row["kind"], row["state"]): row["number"] for row in counts.order_by()}
