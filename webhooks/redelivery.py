"""Sending again what did not arrive: one delivery, or all that were missed in a range of time."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from itertools import batched

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from jobs.services import enqueue_many
from organisations import audit
from organisations.actor import Actor
from organisations.models import Organisation
from vocabulary.errors import Conflict, NotFound
from webhooks.models import Delivery, DeliveryState
from webhooks.outbox import delivery_jobs
from webhooks.queries import get_endpoint

MISSED = (DeliveryState.DEAD, DeliveryState.CANCELLED)
BATCH = 1000


def redeliver(actor: Actor, delivery_id: uuid.UUID) -> Delivery:
    """Send a delivery again, whatever became of it: same id, same bytes, a new round of tries."""
    with transaction.atomic():
        found = Delivery.objects.for_organisation(actor.organisation_id).filter(pk=delivery_id)
        delivery = found.select_related("endpoint").first()
        if delivery is None:
            raise NotFound("the webhook delivery does not exist")
        if not delivery.endpoint.is_enabled:
            raise Conflict("the endpoint is disabled")
        _start_round([delivery.pk])
        audit.record(actor, "delivery.redeliver", delivery)
    delivery.refresh_from_db()
    return delivery


def redeliver_range(
    actor: Actor, *, since: datetime, until: datetime, endpoint: uuid.UUID | None = None
) -> int:
    """Send again what enabled endpoints (or the one) missed of `since <= created_at < until`.

    Returns how many deliveries that is. Raises `NotFound` for an endpoint that is not there.
    """
    missed = Delivery.objects.for_organisation(actor.organisation_id).filter(
        state__in=MISSED,
        endpoint__is_enabled=True,
        created_at__gte=since,
        created_at__lt=until,
    )
    if endpoint is not None:
        missed = missed.filter(endpoint=get_endpoint(actor, endpoint))
    with transaction.atomic():
        keys = list(missed.order_by("pk").values_list("pk", flat=True))
        for some in batched(keys, BATCH):
            _start_round(some)
        organisation = Organisation(pk=actor.organisation_id)
        audit.record(actor, "delivery.redeliver_range", organisation, deliveries=len(keys))
    return len(keys)


def _start_round(keys: Sequence[uuid.UUID]) -> None:
    """Jobs of earlier rounds find themselves overtaken and end."""
    rows = Delivery.unscoped.filter(pk__in=keys)
    rows.update(
        state=DeliveryState.PENDING,
        round=F("round") + 1,
        attempts=0,
        next_attempt_at=Now(),
        delivered_at=None,
    )
    enqueue_many(delivery_jobs(rows.defer("body")))
