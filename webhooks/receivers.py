"""Who is told of an announcement: subscribed endpoints, and the addresses that it names itself.

Such an address gets an automatic endpoint, one for each organisation, URL and dialect, so that its
retries, failures and log are those of any other.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.conf import settings

from webhooks.announcements import Address, Announcement
from webhooks.models import Endpoint
from webhooks.signing import new_secret


class Place(NamedTuple):
    """What an automatic endpoint is found by."""

    organisation_id: uuid.UUID
    url: str
    dialect: str


def find_receivers(announcements: Sequence[Announcement]) -> list[list[Endpoint]]:
    """The endpoints of each announcement, disabled ones too; automatic ones are made on the way."""
    subscribers = _find_subscribers({each.organisation_id for each in announcements})
    automatic = _provide({place for each in announcements for place in _places(each)})
    return [
        [
            *(it for it in subscribers[each.organisation_id] if _wants(it, each.type)),
            *(automatic[place] for place in _places(each)),
        ]
        for each in announcements
    ]


def _find_subscribers(organisations: set[uuid.UUID]) -> Mapping[uuid.UUID, list[Endpoint]]:
    subscribers = defaultdict(list)
    rows = Endpoint.unscoped.filter(organisation_id__in=organisations, automatic=False)
    for endpoint in rows:
        subscribers[endpoint.organisation_id].append(endpoint)
    return subscribers


def _wants(endpoint: Endpoint, event_type: str) -> bool:
    return not endpoint.event_types or event_type in endpoint.event_types


def _places(announcement: Announcement) -> dict[Place, None]:
    """Without duplicates, in order."""
    return {_place(announcement.organisation_id, it): None for it in announcement.addresses}


def _place(organisation_id: uuid.UUID, address: Address) -> Place:
    dialect = address.dialect or settings.DEFAULT_WEBHOOK_DIALECT
    return Place(organisation_id, address.url, dialect)


def _provide(places: set[Place]) -> Mapping[Place, Endpoint]:
    if not places:
        return {}
    found = _find_automatic(places)
    if missing := places - found.keys():
        Endpoint.objects.bulk_create(map(_make, sorted(missing)), ignore_conflicts=True)
        found = _find_automatic(places)
    return found


def _find_automatic(places: Iterable[Place]) -> dict[Place, Endpoint]:
    rows = Endpoint.unscoped.filter(
        automatic=True,
        organisation_id__in={place.organisation_id for place in places},
        url__in={place.url for place in places},
    )
    return {Place(row.organisation_id, row.url, row.dialect): row for row in rows}


def _make(place: Place) -> Endpoint:
    return Endpoint(**place._asdict(), secret=new_secret(), automatic=True)
