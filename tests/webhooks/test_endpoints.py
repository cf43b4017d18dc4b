"""Endpoints: made, changed, given new secrets; nobody else's."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from common import ids
from common.secrets import Secret
from organisations.models import AuditEntry
from tests.webhooks.receiving import announcement
from vocabulary.errors import Conflict, InvalidRequest, NotFound
from webhooks import queries, services
from webhooks.models import Delivery, DeliveryState, Endpoint
from webhooks.posting import secrets_of

pytestmark = pytest.mark.django_db
URL = "https://receiver.example/hooks"


@pytest.fixture
def endpoint(actor) -> Endpoint:
    return services.create_endpoint(actor, url=URL)[0]


def reload(endpoint: Endpoint) -> Endpoint:
    return Endpoint.unscoped.get(pk=endpoint.pk)


def signing_with(endpoint: Endpoint) -> list[Secret]:
    row = Endpoint.unscoped.annotate(database_now=Now()).get(pk=endpoint.pk)
    return secrets_of(row, row.database_now)


def age_rotation(endpoint: Endpoint, **span) -> None:
    rows = Endpoint.unscoped.filter(pk=endpoint.pk)
    rows.update(previous_secret_until=F("previous_secret_until") - timedelta(**span))


def test_a_new_endpoint_has_a_secret_that_is_sealed_at_rest(actor):
    endpoint, secret = services.create_endpoint(actor, url=URL, name="CRM")
    assert secret.reveal().startswith("whsec_")
    assert reload(endpoint).secret == secret
    raw = Endpoint.unscoped.filter(pk=endpoint.pk).extra(select={"raw": "secret"}).get().raw
    assert raw.startswith("sealed:")


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"url": "http://127.0.0.1/"}, "url"),
        ({"url": "http://169.254.169.254/"}, "url"),
        ({"url": "http://2130706433/"}, "url"),
        ({"url": "http://localhost/"}, "url"),
        ({"url": "ftp://receiver.example/"}, "url"),
        ({"url": "https://user:password@receiver.example/"}, "url"),
        ({"url": "https://receiver.example:22/"}, "url"),
        ({"url": "https://receiver.example/" + "x" * 2000}, "url"),
        ({"name": "x" * 201}, "name"),
        ({"dialect": "klingon"}, "dialect"),
        ({"event_types": ["insight.completed", "insight.guessed"]}, "event_types[1]"),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(actor, endpoint, values, path):
    for write in (
        lambda: services.create_endpoint(actor, **{"url": URL, **values}),
        lambda: services.update_endpoint(actor, endpoint.pk, **values),
    ):
        with pytest.raises(InvalidRequest) as caught:
            write()
        assert caught.value.path == path


def test_an_update_changes_what_it_names_and_nothing_else(actor, endpoint):
    services.update_endpoint(actor, endpoint.pk, name="New", event_types=("insight.failed",))
    row = reload(endpoint)
    assert (row.name, row.event_types, row.url) == ("New", ["insight.failed"], URL)
    assert row.secret == endpoint.secret


def test_disabling_cancels_what_is_pending_and_enabling_starts_afresh(actor, endpoint):
    services.publish(announcement(actor))
    services.update_endpoint(actor, endpoint.pk, is_enabled=False)
    assert Delivery.unscoped.get().state == DeliveryState.CANCELLED
    Endpoint.unscoped.update(failing_since=Now(), disabled_reason="why")
    services.update_endpoint(actor, endpoint.pk, is_enabled=True)
    row = reload(endpoint)
    assert (row.is_enabled, row.failing_since, row.disabled_reason) == (True, None, "")


def test_a_rename_forgives_no_failures(actor, endpoint):
    Endpoint.unscoped.update(failing_since=Now())
    services.update_endpoint(actor, endpoint.pk, name="New")
    assert reload(endpoint).failing_since is not None


def test_a_rotation_signs_with_both_secrets_for_24_hours(actor, endpoint):
    new = services.rotate_secret(actor, endpoint.pk)
    assert signing_with(endpoint) == [new, endpoint.secret]
    age_rotation(endpoint, hours=23, minutes=59)
    assert signing_with(endpoint) == [new, endpoint.secret]
    age_rotation(endpoint, minutes=2)
    assert signing_with(endpoint) == [new]


def test_a_second_rotation_within_24_hours_is_a_conflict(actor, endpoint):
    first = services.rotate_secret(actor, endpoint.pk)
    with pytest.raises(Conflict):
        services.rotate_secret(actor, endpoint.pk)
    assert reload(endpoint).secret == first
    age_rotation(endpoint, hours=25)
    assert signing_with(endpoint) == [first]
    second = services.rotate_secret(actor, endpoint.pk)
    assert signing_with(endpoint) == [second, first]


def test_a_leaked_secret_can_be_ended_at_any_time(actor, endpoint):
    services.rotate_secret(actor, endpoint.pk)
    new = services.rotate_secret(actor, endpoint.pk, keep_previous=False)
    assert signing_with(endpoint) == [new]


def test_no_trace_of_a_secret_is_left_in_the_audit(actor, endpoint):
    new = services.rotate_secret(actor, endpoint.pk)
    services.delete_endpoint(actor, endpoint.pk)
    entries = AuditEntry.objects.for_organisation(actor.organisation_id)
    assert set(entries.values_list("action", flat=True)) == {
        "endpoint.create",
        "endpoint.rotate_secret",
        "endpoint.delete",
    }
    assert new.reveal() not in repr(list(entries.values()))


def test_foreign_and_unknown_ids_look_alike(new_actor, endpoint):
    other = new_actor()
    for key in (endpoint.pk, ids.new_uuid()):
        for verb in (
            lambda: queries.get_endpoint(other, key),  # noqa: B023
            lambda: services.update_endpoint(other, key, name="mine"),  # noqa: B023
            lambda: services.delete_endpoint(other, key),  # noqa: B023
            lambda: services.rotate_secret(other, key),  # noqa: B023
            lambda: services.send_test(other, key),  # noqa: B023
        ):
            with pytest.raises(NotFound) as caught:
                verb()
            assert caught.value.message == "the webhook endpoint does not exist"


def test_each_organisation_has_one_public_key_and_keeps_it(new_actor):
    one, other = new_actor(), new_actor()
    assert services.public_key(one) == services.public_key(one) != services.public_key(other)
