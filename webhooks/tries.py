"""What attempts did: rows of the log, and the new state of deliveries and endpoints."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from webhooks.health import judge
from webhooks.models import Attempt, Delivery, DeliveryState, Endpoint
from webhooks.posting import Attempted

LONGEST_ERROR = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """Attempt `number` of a delivery's round. `again_in` (seconds) is None for the last one."""

    delivery_id: uuid.UUID
    endpoint_id: uuid.UUID
    round: int
    number: int
    attempted: Attempted
    again_in: float | None


def record_tries(tries: Sequence[Try]) -> None:
    """Write what came of attempts; of deliveries that were deleted meanwhile, nothing.

    Endpoints are locked before deliveries, here as elsewhere, and both in the order of their keys.
    """
    endpoints = _lock_endpoints({each.endpoint_id for each in tries})
    deliveries = _lock_deliveries({each.delivery_id for each in tries})
    known = [each for each in tries if each.delivery_id in deliveries]
    for each in known:
        _advance(deliveries[each.delivery_id], each)
    Attempt.objects.bulk_create(_row(deliveries[each.delivery_id], each) for each in known)
    Delivery.unscoped.bulk_update(
        deliveries.values(), ["state", "attempts", "next_attempt_at", "delivered_at"]
    )
    judge((endpoints[each.endpoint_id], each.attempted) for each in known)


def _lock_endpoints(keys: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, Endpoint]:
    """Against other writers only: publishers go on adding deliveries."""
    rows = Endpoint.unscoped.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    return {row.pk: row for row in rows}


def _lock_deliveries(keys: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, Delivery]:
    rows = Delivery.unscoped.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    return {row.pk: row for row in rows.defer("body")}


def _advance(delivery: Delivery, made: Try) -> None:
    """A success is one even if it comes late; a failure counts for its own round only."""
    is_current = delivery.round == made.round
    if is_current:
        delivery.attempts = made.number
    if made.attempted.succeeded:
        delivery.state, delivery.delivered_at = DeliveryState.DELIVERED, made.attempted.at
        delivery.next_attempt_at = None
    elif is_current and delivery.state == DeliveryState.PENDING:
        _postpone(delivery, made)


def _postpone(delivery: Delivery, made: Try) -> None:
    if made.again_in is None:
        delivery.state, delivery.next_attempt_at = DeliveryState.DEAD, None
    else:
        delivery.next_attempt_at = made.attempted.at + timedelta(seconds=made.again_in)


def _row(delivery: Delivery, made: Try) -> Attempt:
    attempted = made.attempted
    return Attempt(
        organisation_id=delivery.organisation_id,
        delivery=delivery,
        round=made.round,
        number=made.number,
        at=attempted.at,
        status=attempted.status,
        error=attempted.error[:LONGEST_ERROR],
        duration_ms=attempted.duration_ms,
    )
