"""The outbox: what happened, and who is to be told, written in the transaction it happened in.

`publish` costs the same number of queries for one announcement as for hundreds. It locks the
counter of each organisation until the commit, so publishing is best the last thing a transaction
does, and one call with all announcements is better than many.
"""

import json
import uuid
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import transaction

from jobs.services import Job, enqueue_many
from webhooks.announcements import Announcement
from webhooks.dialects import EventView, get_dialect
from webhooks.models import Delivery, DeliveryState, Endpoint, Event, EventCounter
from webhooks.receivers import find_receivers
from webhooks.schedule import MOST_ATTEMPTS

CRASHES = 8
"""So many attempts of a delivery's job may end with its process, besides those that are made."""


def publish(*announcements: Announcement) -> list[Event]:
    """Record events, their deliveries and the jobs of both, inside the caller's transaction.

    An organisation's events become visible in the order of their `seq`, without gaps.
    """
    if not announcements:
        return []
    with transaction.atomic():
        events = _record(announcements)
        deliveries = _deliveries(events, find_receivers(announcements))
        Delivery.objects.bulk_create(deliveries)
        enqueue_many([*_reaction_jobs(events), *delivery_jobs(deliveries)])
    return events


def lock_counters(organisations: set[uuid.UUID]) -> dict[uuid.UUID, EventCounter]:
    """Let no other transaction publish for these organisations until this one ends.

    Locked in the order of their keys, so that two publishers never wait for each other.
    """
    rows = EventCounter.objects.select_for_update().filter(pk__in=organisations).order_by("pk")
    counters = {row.pk: row for row in rows}
    if missing := organisations - counters.keys():
        fresh = [EventCounter(organisation_id=each) for each in sorted(missing)]
        EventCounter.objects.bulk_create(fresh, ignore_conflicts=True)
        counters = {row.pk: row for row in rows.all()}
    return counters


def delivery_jobs(deliveries: Iterable[Delivery]) -> list[Job]:
    """One job for the present round of each pending delivery, in its endpoint's lane."""
    return [
        Job(
            kind="webhooks.deliver",
            organisation_id=delivery.organisation_id,
            subject=delivery.pk,
            payload={"round": delivery.round},
            dedupe_key=f"deliver:{delivery.pk}:{delivery.round}",
            max_attempts=MOST_ATTEMPTS + CRASHES,
            lane=delivery.endpoint_id,
        )
        for delivery in deliveries
        if delivery.state == DeliveryState.PENDING
    ]


def view(event: Event) -> EventView:
    """The row as the plain value that dialects read."""
    return EventView(
        id=event.pk,
        organisation_id=event.organisation_id,
        seq=event.seq,
        type=event.type,
        subject=event.subject,
        version=event.version,
        occurred_at=event.occurred_at,
        payload=event.payload,
    )


def spell(event: EventView, dialect: str) -> bytes:
    """The body's bytes, as they are signed and sent."""
    body = get_dialect(dialect).body(event)
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _record(announcements: Sequence[Announcement]) -> list[Event]:
    counters = lock_counters({each.organisation_id for each in announcements})
    events = [_number(each, counters[each.organisation_id]) for each in announcements]
    EventCounter.objects.bulk_update(counters.values(), ["last"])
    return Event.objects.bulk_create(events)


def _number(announcement: Announcement, counter: EventCounter) -> Event:
    counter.last += 1
    return Event(
        organisation_id=announcement.organisation_id,
        seq=counter.last,
        type=announcement.type,
        subject=announcement.subject,
        payload=announcement.payload,
    )


def _deliveries(events: Sequence[Event], receivers: Sequence[Sequence[Endpoint]]) -> list[Delivery]:
    return [
        delivery
        for event, endpoints in zip(events, receivers, strict=True)
        for delivery in _deliveries_of(event, endpoints)
    ]


def _deliveries_of(event: Event, endpoints: Sequence[Endpoint]) -> list[Delivery]:
    """What a disabled endpoint misses is kept as cancelled, to be sent when it is well again."""
    bodies = {it: spell(view(event), it) for it in {each.dialect for each in endpoints}}
    return [
        Delivery(
            organisation_id=event.organisation_id,
            event=event,
            endpoint=endpoint,
            body=bodies[endpoint.dialect],
            state=DeliveryState.PENDING if endpoint.is_enabled else DeliveryState.CANCELLED,
        )
        for endpoint in endpoints
    ]


def _reaction_jobs(events: Iterable[Event]) -> list[Job]:
    return [
        Job(
            kind="webhooks.react",
            organisation_id=event.organisation_id,
            subject=event.pk,
            dedupe_key=f"react:{event.pk}",
        )
        for event in events
        if event.type in settings.REACTIONS
    ]
