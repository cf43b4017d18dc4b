"""Publishing: events, deliveries and jobs in one transaction."""

import json
import threading

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from jobs.models import Job
from tests.webhooks.receiving import announcement
from webhooks import endpoints, queries, services
from webhooks.models import Delivery, DeliveryState, Endpoint, Event
from webhooks.services import Address, publish

pytestmark = pytest.mark.django_db
URL = "https://receiver.example/hooks"


def subscribe(actor, **values) -> Endpoint:
    endpoint, _ = endpoints.create_endpoint(actor, url=URL, **values)
    return endpoint


def test_events_are_numbered_within_their_organisation(new_actor):
    one, other = new_actor(), new_actor()
    events = publish(announcement(one), announcement(other), announcement(one))
    assert [event.seq for event in events] == [1, 1, 2]
    assert [event.seq for event in publish(announcement(one))] == [3]


def test_a_rolled_back_transaction_leaves_no_gap(actor):
    publish(announcement(actor))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        publish(announcement(actor))
        raise ZeroDivisionError
    publish(announcement(actor))
    assert [event.seq for event in queries.find_events(actor)] == [1, 2]


def test_an_endpoint_gets_the_types_it_asked_for_and_all_without_a_wish(actor):
    choosy = subscribe(actor, event_types=["insight.failed"])
    curious = subscribe(actor)
    publish(announcement(actor, "insight.failed"), announcement(actor, "conversation.reopened"))
    told = Delivery.unscoped.order_by("event__seq").values_list("event__type", "endpoint")
    assert set(told) == {
        ("insight.failed", choosy.pk),
        ("insight.failed", curious.pk),
        ("conversation.reopened", curious.pk),
    }


def test_another_organisations_endpoint_is_never_told(new_actor):
    one, other = new_actor(), new_actor()
    subscribe(other)
    publish(announcement(one, addresses=(Address(URL, "standard"),)))
    assert not Delivery.objects.for_organisation(other.organisation_id).exists()


def test_an_address_gets_one_automatic_endpoint_for_each_url_and_dialect(actor):
    for _ in range(2):
        addresses = (Address(URL, "standard"), Address(URL), Address(URL, "standard"))
        publish(announcement(actor, "insight.completed", payload=_run(), addresses=addresses))
    made = Endpoint.unscoped.filter(automatic=True)
    assert {endpoint.dialect for endpoint in made} == {"standard", "telnyx"}
    assert len({endpoint.secret for endpoint in made}) == 2
    assert Delivery.unscoped.count() == 4


def test_an_automatic_endpoint_is_told_of_nothing_but_what_names_it(actor):
    publish(announcement(actor, addresses=(Address(URL, "standard"),)))
    publish(announcement(actor))
    assert Delivery.unscoped.count() == 1


def test_organisations_have_automatic_endpoints_of_their_own(new_actor):
    address = Address(URL, "standard")
    publish(*(announcement(new_actor(), addresses=(address,)) for _ in range(2)))
    owners = Endpoint.unscoped.values_list("organisation", flat=True)
    assert len(set(owners)) == 2
    for delivery in Delivery.unscoped.select_related("endpoint"):
        assert delivery.organisation_id == delivery.endpoint.organisation_id


def test_bytes_are_frozen_when_the_event_is_published(actor):
    endpoint = subscribe(actor)
    (event,) = publish(announcement(actor))
    delivery = Delivery.unscoped.get(endpoint=endpoint)
    body = json.loads(bytes(delivery.body))
    assert (body["id"], body["data"]) == (str(event.pk), {"text": "Grüße 🌍"})


def test_each_delivery_has_a_job_in_its_endpoints_lane(actor):
    endpoint = subscribe(actor)
    publish(announcement(actor))
    job = Job.objects.get(kind="webhooks.deliver")
    assert (job.subject, job.lane) == (Delivery.unscoped.get().pk, endpoint.pk)


def test_what_a_disabled_endpoint_misses_is_kept_without_a_job(actor):
    endpoint = subscribe(actor)
    endpoints.update_endpoint(actor, endpoint.pk, is_enabled=False)
    publish(announcement(actor))
    assert Delivery.unscoped.get().state == DeliveryState.CANCELLED
    assert not Job.objects.exists()


def test_only_events_with_reactions_get_a_job_to_react(actor):
    ended, _ = publish(announcement(actor, "conversation.ended"), announcement(actor))
    assert Job.objects.get(kind="webhooks.react").subject == ended.pk


def test_hundreds_of_announcements_take_as_many_queries_as_one(new_actor):
    actors = [new_actor() for _ in range(3)]
    for actor in actors:
        subscribe(actor)

    def cost(count: int) -> int:
        announcements = [
            announcement(actors[i % 3], "conversation.ended", addresses=(Address(URL),))
            for i in range(count)
        ]
        with CaptureQueriesContext(transaction.get_connection()) as captured:
            publish(*announcements)
        return len(captured)

    cost(3)  # the counters and the automatic endpoints
    assert (cost(1), cost(90)) == (9, 9)  # two of them are the savepoint
    assert Event.unscoped.count() == 94


@pytest.mark.django_db(transaction=True)
def test_an_endpoint_that_is_deleted_meanwhile_fails_no_publisher(actor):
    errors: list[Exception] = []

    def run(work, times: int) -> None:
        try:
            for _ in range(times):
                work()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    def come_and_go() -> None:
        services.delete_endpoint(actor, subscribe(actor).pk)

    def tell() -> None:
        publish(announcement(actor))

    work = [(come_and_go, 15), (tell, 15), (tell, 15)]
    threads = [threading.Thread(target=run, args=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Event.unscoped.count() == 30


def test_publishing_nothing_costs_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert publish() == []


def _run() -> dict[str, object]:
    return {
        "conversation_id": "c",
        "insight_group_id": None,
        "status": "completed",
        "results": [],
    }
