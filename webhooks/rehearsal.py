"""Trying out an endpoint: a made-up event by the same signer and the same door, once, at once."""

import asyncio
import uuid

from django.db.models.functions import Now

from common import ids
from common.database_time import DatabaseTime
from organisations import audit
from organisations.actor import Actor
from vocabulary.errors import InvalidRequest, NotFound
from webhooks.dialects import EventView
from webhooks.keys import get_signing_keys
from webhooks.models import Endpoint
from webhooks.outbox import spell
from webhooks.posting import Attempted, Parcel, post, secrets_of
from webhooks.samples import SAMPLES


def send_test(
    actor: Actor, endpoint_id: uuid.UUID, *, event_type: str = "insight.completed"
) -> Attempted:
    """Send a sample of `event_type` and wait for the answer, up to 15 seconds.

    Must be called in a thread without an event loop. The sample is in no feed and in no log, and
    does not count for the endpoint's health.
    """
    if event_type not in SAMPLES:
        raise InvalidRequest("event_type", f"unknown event type '{event_type}'")
    parcel = _pack(actor, endpoint_id, event_type)
    with asyncio.Runner() as runner:
        return runner.run(post(parcel))


def _pack(actor: Actor, endpoint_id: uuid.UUID, event_type: str) -> Parcel:
    rows = Endpoint.objects.for_organisation(actor.organisation_id).annotate(database_now=Now())
    endpoint = rows.filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound("the webhook endpoint does not exist")
    time = DatabaseTime.read(endpoint.database_now)
    event = EventView(
        id=ids.new_uuid(),
        organisation_id=actor.organisation_id,
        seq=0,
        type=event_type,
        subject=None,
        version=1,
        occurred_at=time.at,
        payload=SAMPLES[event_type],
    )
    audit.record(actor, "endpoint.test", endpoint, event_type=event_type)
    return Parcel(
        id=str(event.id),
        url=endpoint.url,
        body=spell(event, endpoint.dialect),
        dialect=endpoint.dialect,
        secrets=secrets_of(endpoint, time.at),
        private_key=get_signing_keys([actor.organisation_id])[actor.organisation_id].private,
        time=time,
    )
