"""The figures of one organisation, each from a bounded stretch of an index."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate

from common import clock
from conversations.models import Conversation, ConversationState
from files.models import Bucket
from files.quota import find_quota, find_used
from insights.models import Run, RunItem, Status
from knowledge.models import Document, DocumentStatus, IndexState
from organisations.actor import system
from organisations.models import Organisation
from providers.models import Provider
from usage.queries import summary
from webhooks.models import Delivery, DeliveryState, Endpoint

DAYS = 14
WEEK = timedelta(days=7)
NEWEST_RUNS = 200
MOST_DELIVERIES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Conversations that began on a UTC day, by their state now."""

    on: date
    active: int = 0
    ended: int = 0

    @property
    def count(self) -> int:
        return self.active + self.ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Files of an organisation, in bytes and numbers; `searched` are those that are embedded."""

    used: int
    quota: int
    buckets: int
    objects: int
    searched: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`evidence` counts fields by state in the newest runs; `deliveries` stop at a thousand."""

    organisation: Organisation
    days: tuple[Day, ...]
    runs: Mapping[str, int]
    evidence: Mapping[str, int]
    deliveries: Mapping[str, int]
    storage: Storage
    requests: int
    tokens: int
    cost: Decimal
    has_upstream: bool


def read_figures(organisation: Organisation) -> Figures:
    """In eleven queries."""
    now = clock.now()
    used = summary(system(organisation.pk), by="purpose", since=now - WEEK)
    return Figures(
        organisation=organisation,
        days=_days(organisation, now),
        runs=_runs(organisation, now - WEEK),
        evidence=_evidence(organisation),
        deliveries=_deliveries(organisation),
        storage=_storage(organisation),
        requests=sum(sums.requests for sums in used),
        tokens=sum(sums.prompt_tokens + sums.completion_tokens for sums in used),
        cost=sum((sums.cost for sums in used), Decimal(0)),
        has_upstream=Provider.objects.for_organisation(organisation)
        .filter(is_enabled=True)
        .exclude(kind="builtin")
        .exists(),
    )


def _days(organisation: Organisation, now: datetime) -> tuple[Day, ...]:
    first = now.date() - timedelta(days=DAYS - 1)
    since = datetime(first.year, first.month, first.day, tzinfo=now.tzinfo)
    rows = (
        Conversation.objects.for_organisation(organisation)
        .filter(created_at__gte=since)
        .order_by()
        .values_list(TruncDate("created_at"), "state")
        .annotate(count=Count("pk"))
    )
    counts = {(day, state): count for day, state, count in rows}
    return tuple(
        Day(
            on=day,
            active=counts.get((day, ConversationState.ACTIVE), 0),
            ended=counts.get((day, ConversationState.ENDED), 0),
        )
        for day in (first + timedelta(days=n) for n in range(DAYS))
    )


def _runs(organisation: Organisation, since: datetime) -> dict[str, int]:
    rows = Run.objects.for_organisation(organisation).filter(created_at__gte=since).order_by()
    counts = dict(rows.values_list("status").annotate(count=Count("pk")))
    waiting = counts.get(Status.PENDING, 0) + counts.get(Status.IN_PROGRESS, 0)
    closed = {state.value: counts.get(state, 0) for state in (Status.COMPLETED, Status.FAILED)}
    return {**closed, "waiting": waiting}


def _evidence(organisation: Organisation) -> dict[str, int]:
    newest = Run.objects.for_organisation(organisation).order_by("-created_at", "-id")
    keys = list(newest.values_list("pk", flat=True)[:NEWEST_RUNS])
    judged = RunItem.unscoped.filter(run_id__in=keys).values_list("result__fields", flat=True)
    states = Counter(field["state"] for fields in judged for field in fields or ())
    return {name: states[name] for name in ("found", "unsupported", "not_mentioned", "invalid")}


def _storage(organisation: Organisation) -> Storage:
    counts = Bucket.objects.for_organisation(organisation).aggregate(
        buckets=Count("pk"), objects=Sum("object_count")
    )
    searched = Document.objects.for_organisation(organisation).filter(
        status=DocumentStatus.EMBEDDED, index__state=IndexState.ACTIVE
    )
    return Storage(
        used=find_used(organisation.pk),
        quota=find_quota(organisation),
        buckets=counts["buckets"],
        objects=counts["objects"] or 0,
        searched=searched.count(),
    )


def _deliveries(organisation: Organisation) -> dict[str, int]:
    endpoints = Endpoint.objects.for_organisation(organisation).values("pk")
    return {
        state.value: Delivery.unscoped.filter(endpoint__in=endpoints, state=state)
        .order_by()[:MOST_DELIVERIES]
        .count()
        for state in (DeliveryState.PENDING, DeliveryState.DEAD)
    }
