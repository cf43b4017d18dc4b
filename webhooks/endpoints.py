"""Endpoints: made, changed, given new secrets, disabled."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models.functions import Now

from common import clock, http
from common.secrets import Secret
from organisations import audit
from organisations.actor import Actor
from vocabulary.errors import AddressRefused, Conflict, InvalidRequest, NotFound
from webhooks.announcements import ENDPOINT_DISABLED, EVENT_TYPES, Announcement
from webhooks.dialects import get_dialect
from webhooks.models import Delivery, DeliveryState, Endpoint
from webhooks.outbox import lock_counters, publish
from webhooks.signing import new_secret

ROTATION = timedelta(hours=24)
LONGEST_URL = 2000


class Changes(TypedDict, total=False):
    """What `update_endpoint` may change."""

    url: str
    name: str
    event_types: Sequence[str]
    dialect: str
    is_enabled: bool


def create_endpoint(
    actor: Actor,
    *,
    url: str,
    name: str = "",
    event_types: Sequence[str] = (),
    dialect: str = "standard",
) -> tuple[Endpoint, Secret]:
    """Make an endpoint and return its secret, which is never to be had again."""
    _check(url=url, name=name, event_types=event_types, dialect=dialect)
    secret = new_secret()
    with transaction.atomic():
        endpoint = Endpoint.objects.create(
            organisation_id=actor.organisation_id,
            url=url,
            name=name,
            event_types=list(event_types),
            dialect=dialect,
            secret=secret,
        )
        audit.record(actor, "endpoint.create", endpoint, dialect=dialect)
    return endpoint, secret


def update_endpoint(actor: Actor, endpoint_id: uuid.UUID, **changes: Unpack[Changes]) -> Endpoint:
    """Change an endpoint. Enabling forgets its failures; disabling cancels what is pending."""
    _check(**changes)
    with transaction.atomic():
        endpoint = lock_endpoint(actor, endpoint_id)
        for field, value in changes.items():
            setattr(endpoint, field, value)
        if "is_enabled" in changes:
            _switch(endpoint)
        endpoint.save()
        audit.record(actor, "endpoint.update", endpoint, changed=sorted(changes))
    return endpoint


def delete_endpoint(actor: Actor, endpoint_id: uuid.UUID) -> None:
    """Remove an endpoint together with its deliveries and their log.

    Publishers are held off, for one of them may be about to write a delivery to it.
    """
    with transaction.atomic():
        lock_counters({actor.organisation_id})
        endpoint = lock_endpoint(actor, endpoint_id)
        audit.record(actor, "endpoint.delete", endpoint)
        endpoint.delete()


def rotate_secret(actor: Actor, endpoint_id: uuid.UUID, *, keep_previous: bool = True) -> Secret:
    """Give the endpoint a new secret; for 24 hours deliveries are signed with both.

    A second rotation inside these hours is a `Conflict`, for it would drop a secret that receivers
    were promised. Without `keep_previous`, for a secret that leaked, the old ones end now.
    """
    secret = new_secret()
    with transaction.atomic():
        endpoint = lock_endpoint(actor, endpoint_id)
        if keep_previous and _is_rotating(endpoint):
            raise Conflict("the secret was rotated less than 24 hours ago")
        endpoint.previous_secret = endpoint.secret if keep_previous else Secret("")
        endpoint.secret = secret
        endpoint.save(update_fields=["secret", "previous_secret"])
        until = Now() + ROTATION if keep_previous else None
        Endpoint.unscoped.filter(pk=endpoint.pk).update(previous_secret_until=until)
        audit.record(actor, "endpoint.rotate_secret", endpoint, keep_previous=keep_previous)
    return secret


def lock_endpoint(actor: Actor, endpoint_id: uuid.UUID) -> Endpoint:
    rows = Endpoint.objects.for_organisation(actor.organisation_id).select_for_update()
    endpoint = rows.filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound("the webhook endpoint does not exist")
    return endpoint


def disable_endpoints(reasons: Mapping[Endpoint, str]) -> None:
    """Stop sending to endpoints that failed for good, cancel what they still had to get, and
    announce it. A constant number of queries."""
    for endpoint, reason in reasons.items():
        endpoint.is_enabled, endpoint.disabled_reason = False, reason
    Endpoint.unscoped.bulk_update(reasons, ["is_enabled", "disabled_reason"])
    cancel_pending(reasons)
    publish(*map(_announce_disabled, reasons))


def cancel_pending(endpoints: Iterable[Endpoint]) -> None:
    """Pending deliveries are kept as cancelled, to be sent again when the endpoint is well."""
    pending = Delivery.unscoped.filter(endpoint__in=endpoints, state=DeliveryState.PENDING)
    pending.update(state=DeliveryState.CANCELLED, next_attempt_at=None)


def _announce_disabled(endpoint: Endpoint) -> Announcement:
    return Announcement(
        organisation_id=endpoint.organisation_id,
        type=ENDPOINT_DISABLED,
        subject=endpoint.pk,
        payload={
            "id": str(endpoint.pk),
            "name": endpoint.name,
            "url": endpoint.url,
            "reason": endpoint.disabled_reason,
            "disabled_at": clock.rfc3339(clock.now()),
        },
    )


def _switch(endpoint: Endpoint) -> None:
    if endpoint.is_enabled:
        endpoint.disabled_reason, endpoint.failing_since = "", None
    else:
        cancel_pending([endpoint])


def _is_rotating(endpoint: Endpoint) -> bool:
    return Endpoint.unscoped.filter(pk=endpoint.pk, previous_secret_until__gt=Now()).exists()


def _check(**values: Unpack[Changes]) -> None:
    """Raise `InvalidRequest` at the first value that cannot be."""
    if "url" in values:
        _check_url(values["url"])
    if len(values.get("name", "")) > 200:
        raise InvalidRequest("name", "is longer than 200 characters")
    if "dialect" in values:
        get_dialect(values["dialect"])
    for index, event_type in enumerate(values.get("event_types", ())):
        if event_type not in EVENT_TYPES:
            raise InvalidRequest(f"event_types[{index}]", f"unknown event type '{event_type}'")


def _check_url(url: str) -> None:
    if len(url) > LONGEST_URL:
        raise InvalidRequest("url", f"is longer than {LONGEST_URL} characters")
    try:
        http.check_address(url)
    except AddressRefused as error:
        raise InvalidRequest("url", error.message) from error
