"""Reads: endpoints, the log of deliveries, the catch-up feed, and figures for the operator."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Max, Min
from django.db.models.functions import Now

from common.paging import Page, PageNumber
from organisations.actor import Actor
from vocabulary.errors import NotFound
from webhooks.models import UNDELIVERED, Delivery, DeliveryState, Endpoint, Event

MOST_EVENTS = 1000


def get_endpoint(actor: Actor, endpoint_id: uuid.UUID) -> Endpoint:
    found = Endpoint.objects.for_organisation(actor.organisation_id).filter(pk=endpoint_id)
    endpoint = found.first()
    if endpoint is None:
        raise NotFound("the webhook endpoint does not exist")
    return endpoint


def find_events(actor: Actor, *, after: int = 0, limit: int = 100) -> Sequence[Event]:
    """The events that follow number `after`, oldest first, at most `limit` (and 1,000).

    Numbers become visible in order and have no gaps: a reader who goes on from the last `seq` it
    saw misses nothing.
    """
    events = Event.objects.for_organisation(actor.organisation_id).filter(seq__gt=after)
    return list(events.order_by("seq")[: min(limit, MOST_EVENTS)])


def find_deliveries(
    actor: Actor,
    page: PageNumber,
    *,
    endpoint: uuid.UUID | None = None,
    event: uuid.UUID | None = None,
    state: str | None = None,
) -> Page[Delivery]:
    """The log, newest first, each with its event, endpoint and tries (`delivery.tries.all()`)."""
    wanted = {"endpoint": endpoint, "event": event, "state": state}
    rows = Delivery.objects.for_organisation(actor.organisation_id).filter(
        **{name: value for name, value in wanted.items() if value is not None}
    )
    detailed = rows.defer("body").select_related("event", "endpoint").prefetch_related("tries")
    return page.cut(detailed.order_by("-created_at", "-pk"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Deliveries of all organisations that did not get there; `oldest_pending` is in seconds."""

    by_state: Mapping[str, int]
    oldest_pending: float


def figures() -> Figures:
    """In two queries of one small index, however many were delivered."""
    undelivered = Delivery.unscoped.filter(UNDELIVERED)
    counts = undelivered.values("state").annotate(number=Count("id")).order_by()
    pending = Delivery.unscoped.filter(UNDELIVERED, state=DeliveryState.PENDING)
    found = pending.aggregate(since=Min("created_at"), now=Max(Now()))
    return Figures(
        by_state={row["state"]: row["number"] for row in counts},
        oldest_pending=(found["now"] - found["since"]).total_seconds() if found["since"] else 0.0,
    )
