"""The job that delivers: one attempt a claim, on the schedule, until it arrives or is given up.

An endpoint is a lane of the queue, so a slow one holds a few slots and not those of others.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models.functions import Now

from common.database_time import DatabaseTime
from jobs.handlers import Claim, Outcome, subjects
from webhooks.keys import get_signing_keys
from webhooks.models import Delivery, DeliveryState, SigningKey
from webhooks.posting import Attempted, Parcel, post, secrets_of
from webhooks.schedule import wait_after
from webhooks.tries import Try, record_tries


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """A parcel, and which attempt of which round of a delivery it is."""

    delivery_id: uuid.UUID
    endpoint_id: uuid.UUID
    round: int
    number: int
    parcel: Parcel


class Deliver:
    """The handler of `webhooks.deliver`; its subject is the delivery."""

    limit = 200
    lane_limit = 4  # attempts at one endpoint that a process has in flight

    def load(self, claims: Sequence[Claim]) -> Mapping[uuid.UUID, Shipment]:
        """Left out: what arrived or was cancelled meanwhile, and rounds that another followed."""
        shipments = _load(set(subjects(claims)))
        return {
            claim.id: shipments[claim.subject]
            for claim in claims
            if claim.subject in shipments
            and shipments[claim.subject].round == claim.payload["round"]
        }

    async def perform(self, work: Shipment) -> Outcome[Try]:
        attempted = await post(work.parcel)
        again_in = _again_in(work.number, attempted)
        return Outcome(result=_try(work, attempted, again_in), again_in=again_in)

    def commit(self, outcomes: Sequence[tuple[Claim, Outcome[Try]]]) -> None:
        record_tries([outcome.result for _, outcome in outcomes])

    def bury(self, claims: Sequence[tuple[Claim, str]]) -> None:
        """Our own fault, not the receiver's: the job's error says which."""
        pending = Delivery.unscoped.filter(
            pk__in=subjects(claim for claim, _ in claims), state=DeliveryState.PENDING
        )
        pending.update(state=DeliveryState.DEAD, next_attempt_at=None)


def _load(deliveries: set[uuid.UUID]) -> dict[uuid.UUID, Shipment]:
    rows = (
        Delivery.unscoped.filter(pk__in=deliveries, state=DeliveryState.PENDING)
        .select_related("endpoint")
        .annotate(database_now=Now())
    )
    keys = get_signing_keys({row.organisation_id for row in rows})
    return {
        row.pk: _shipment(row, keys[row.organisation_id], DatabaseTime.read(row.database_now))
        for row in rows
    }


def _shipment(delivery: Delivery, key: SigningKey, time: DatabaseTime) -> Shipment:
    endpoint = delivery.endpoint
    return Shipment(
        delivery_id=delivery.pk,
        endpoint_id=endpoint.pk,
        round=delivery.round,
        number=delivery.attempts + 1,
        parcel=Parcel(
            id=str(delivery.event_id),
            url=endpoint.url,
            body=bytes(delivery.body),
            dialect=endpoint.dialect,
            secrets=secrets_of(endpoint, time.at),
            private_key=key.private,
            time=time,
        ),
    )


def _again_in(number: int, attempted: Attempted) -> float | None:
    if attempted.succeeded or attempted.is_gone:
        return None
    return wait_after(number, attempted.retry_after)


def _try(shipment: Shipment, attempted: Attempted, again_in: float | None) -> Try:
    return Try(
        delivery_id=shipment.delivery_id,
        endpoint_id=shipment.endpoint_id,
        round=shipment.round,
        number=shipment.number,
        attempted=attempted,
        again_in=again_in,
    )
