"""Deliveries to a receiver that really listens; signatures are judged by the reference library."""

import base64
import gzip
import threading
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from common import clock
from common.paging import PageNumber
from jobs.models import Job, JobState
from jobs.testing import drain
from tests.webhooks.receiving import OK, Answer, Post, Receiver, announcement
from vocabulary.errors import Conflict, NotFound
from vocabulary.json import JsonObject
from webhooks import queries, services
from webhooks.models import Attempt, Delivery, DeliveryState, Endpoint, Event
from webhooks.schedule import MOST_ATTEMPTS, PATIENCE, WAITS
from webhooks.services import Address, publish

pytestmark = pytest.mark.django_db(transaction=True)

BROKEN: Answer = (500, {}, b"oops")
RUN: JsonObject = {
    "conversation_id": "c",
    "insight_group_id": None,
    "status": "completed",
    "results": [],
    "conversation_metadata": {},
    "instructions": None,
}


@pytest.fixture
def endpoint(actor, receiver) -> Endpoint:
    return services.create_endpoint(actor, url=receiver.url)[0]


def only_delivery() -> Delivery:
    return Delivery.unscoped.get()


def tries() -> list[Attempt]:
    return list(Attempt.unscoped.order_by("round", "number"))


def wait_after_the_last() -> timedelta:
    until = only_delivery().next_attempt_at
    assert until is not None
    return until - tries()[-1].at


def reload(endpoint: Endpoint) -> Endpoint:
    return Endpoint.unscoped.get(pk=endpoint.pk)


# -- what arrives -------------------------------------------------------------------------------
def test_a_delivery_arrives_signed_and_is_logged(actor, endpoint, receiver):
    (event,) = publish(announcement(actor))
    drain()
    (post,) = receiver.posts
    assert post.verify(endpoint.secret)["data"] == {"text": "Grüße 🌍"}
    assert post.id == str(event.pk)
    assert post.headers["content-type"] == "application/json"
    delivery = only_delivery()
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 1)
    assert delivery.delivered_at is not None and delivery.next_attempt_at is None
    assert [(it.number, it.status, it.error) for it in tries()] == [(1, 200, "")]


def test_during_a_rotation_both_secrets_verify(actor, endpoint, receiver):
    new = services.rotate_secret(actor, endpoint.pk)
    publish(announcement(actor))
    drain()
    for secret in (endpoint.secret, new):
        receiver.posts[0].verify(secret)


def test_an_address_of_the_default_dialect_is_signed_with_the_public_key(actor, receiver):
    address = Address(receiver.url)
    publish(announcement(actor, "insight.completed", payload=RUN, addresses=(address,)))
    drain()
    (post,) = receiver.posts
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(services.public_key(actor)))
    signed = post.headers["telnyx-timestamp"].encode() + b"|" + post.body
    key.verify(base64.b64decode(post.headers["telnyx-signature-ed25519"]), signed)
    post.verify(Endpoint.unscoped.get().secret)


def test_timestamps_are_the_databases_and_not_a_wrong_clocks(
    actor, endpoint, receiver, monkeypatch
):
    publish(announcement(actor))
    true, wrong = clock.now(), clock.now() + timedelta(minutes=10)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: wrong)
        patch.setattr(clock, "unix", lambda: int(wrong.timestamp()))
        drain()
    (post,) = receiver.posts
    assert abs(int(post.headers["webhook-timestamp"]) - true.timestamp()) < 60


@pytest.mark.parametrize(
    "answer",
    [
        (204, {}, b""),
        (200, {}, b"x" * 20_000),
        (200, {"Content-Encoding": "gzip"}, gzip.compress(b"thanks")),
    ],
)
def test_any_2xx_is_a_success_whatever_its_body(actor, endpoint, receiver, answer):
    receiver.answers = [answer]
    publish(announcement(actor))
    drain()
    assert only_delivery().state == DeliveryState.DELIVERED


# -- what is tried again ------------------------------------------------------------------------
def test_every_retry_has_the_same_id_and_bytes_and_a_signature_of_its_own(
    actor, endpoint, receiver
):
    receiver.answers = [BROKEN, BROKEN, OK]
    publish(announcement(actor))
    services.update_endpoint(actor, endpoint.pk, name="renamed meanwhile")
    drain(ahead=True)
    assert len(receiver.posts) == 3
    assert len({(post.id, post.body) for post in receiver.posts}) == 1
    for post in receiver.posts:
        post.verify(endpoint.secret)
    assert [it.status for it in tries()] == [500, 500, 200]
    assert only_delivery().state == DeliveryState.DELIVERED


def test_attempts_follow_the_schedule_and_end_in_a_dead_letter(settings, actor, endpoint, receiver):
    settings.WEBHOOK_SCHEDULE_SCALE = 0.01
    receiver.answers = [BROKEN]
    publish(announcement(actor))
    waits = []
    for _ in range(MOST_ATTEMPTS - 1):
        assert drain(1, ahead=True) == 1
        waits.append(wait_after_the_last().total_seconds())
        due_in = Job.objects.annotate(now=Now()).get(state=JobState.QUEUED)
        assert (due_in.run_at - due_in.now).total_seconds() == pytest.approx(waits[-1], abs=2)
    assert waits == [pytest.approx(wait * 0.01, rel=0.2) for wait in WAITS]
    drain(ahead=True)
    delivery = only_delivery()
    assert (delivery.state, delivery.attempts) == (DeliveryState.DEAD, MOST_ATTEMPTS)
    assert len(receiver.posts) == MOST_ATTEMPTS
    assert delivery.next_attempt_at is None


def test_nothing_is_tried_before_its_time(settings, actor, endpoint, receiver):
    settings.WEBHOOK_SCHEDULE_SCALE = 1
    receiver.answers = [BROKEN]
    publish(announcement(actor))
    drain()
    drain()
    assert len(receiver.posts) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_wins_over_the_schedule(actor, endpoint, receiver, status):
    receiver.answers = [(status, {"Retry-After": "600"}, b""), OK]
    publish(announcement(actor))
    drain(1)
    assert wait_after_the_last() == timedelta(seconds=600)


def test_retry_after_of_other_answers_means_nothing(settings, actor, endpoint, receiver):
    settings.WEBHOOK_SCHEDULE_SCALE = 1
    receiver.answers = [(500, {"Retry-After": "600"}, b""), OK]
    publish(announcement(actor))
    drain(1)
    assert timedelta(seconds=4) <= wait_after_the_last() <= timedelta(seconds=6)


def test_a_redirect_is_a_failure_and_never_followed(actor, endpoint, receiver):
    receiver.answers = [(307, {"Location": f"{receiver.url}/elsewhere"}, b""), OK]
    publish(announcement(actor))
    drain(1)
    assert [post.path for post in receiver.posts] == ["/hooks"]
    assert (tries()[0].status, tries()[0].error) == (307, "redirects are not followed")
    assert only_delivery().state == DeliveryState.PENDING


def test_a_receiver_that_is_not_there_is_logged_and_tried_again(settings, actor, endpoint):
    Endpoint.unscoped.update(url="http://127.0.0.1:9/")
    publish(announcement(actor))
    drain(1)
    (made,) = tries()
    assert made.status is None and "127.0.0.1" in made.error
    assert only_delivery().state == DeliveryState.PENDING


def test_a_private_address_is_never_connected_to_and_the_log_says_why(
    settings, actor, endpoint, receiver
):
    settings.ALLOW_PRIVATE_NETWORKS = []
    publish(announcement(actor))
    drain(ahead=True)
    assert receiver.posts == []
    assert only_delivery().state == DeliveryState.DEAD
    assert {it.error for it in tries()} == {"127.0.0.1: the address is not public"}


def test_a_delivery_that_we_cannot_make_ourselves_is_buried(settings, actor, endpoint, receiver):
    publish(announcement(actor))
    settings.WEBHOOK_DIALECTS = {}
    drain(ahead=True)
    assert receiver.posts == []
    assert only_delivery().state == DeliveryState.DEAD
    assert "unknown dialect" in Job.objects.get().error


# -- who is given up ----------------------------------------------------------------------------
def test_410_disables_the_endpoint_and_announces_it(actor, endpoint, receiver):
    receiver.answers = [(410, {}, b"")]
    publish(announcement(actor))
    drain()
    row = reload(endpoint)
    assert (row.is_enabled, row.disabled_reason) == (False, "the receiver answered 410 Gone")
    told = Event.unscoped.get(type="endpoint.disabled")
    assert (told.subject, told.payload["url"]) == (endpoint.pk, receiver.url)
    assert len(receiver.posts) == 1


def test_other_endpoints_hear_that_one_was_disabled(actor, endpoint, receiver):
    other, _ = services.create_endpoint(
        actor, url=f"{receiver.url}/other", event_types=["endpoint.disabled"]
    )
    receiver.answers = [(410, {}, b""), OK]
    publish(announcement(actor))
    drain()
    assert [post.path for post in receiver.posts] == ["/hooks", "/hooks/other"]
    assert receiver.posts[1].verify(other.secret)["data"]["id"] == str(endpoint.pk)


def age_failure(seconds: float) -> None:
    Endpoint.unscoped.update(failing_since=F("failing_since") - timedelta(seconds=seconds))


def test_five_days_without_a_success_disable_the_endpoint(settings, actor, endpoint, receiver):
    settings.WEBHOOK_SCHEDULE_SCALE = 1
    receiver.answers = [BROKEN]
    publish(announcement(actor), announcement(actor))
    drain()
    assert reload(endpoint).failing_since is not None
    age_failure(PATIENCE - 3600)
    publish(announcement(actor))
    drain()
    assert reload(endpoint).is_enabled
    age_failure(3601)
    publish(announcement(actor))
    drain()
    row = reload(endpoint)
    assert (row.is_enabled, row.disabled_reason) == (
        False,
        "no delivery succeeded for five days",
    )
    assert Event.unscoped.filter(type="endpoint.disabled").count() == 1
    assert set(Delivery.unscoped.values_list("state", flat=True)) == {DeliveryState.CANCELLED}
    posts = len(receiver.posts)
    drain(ahead=True)
    assert len(receiver.posts) == posts


def test_one_success_forgives_all_failures(actor, endpoint, receiver):
    receiver.answers = [BROKEN, OK]
    publish(announcement(actor))
    drain(1)
    age_failure(PATIENCE)
    drain(ahead=True)
    row = reload(endpoint)
    assert (row.is_enabled, row.failing_since) == (True, None)


# -- what is sent again -------------------------------------------------------------------------
def test_all_that_a_disabled_endpoint_missed_is_recovered(actor, endpoint, receiver):
    """Dead since before, pending when it was disabled, published afterwards: a thousand in all."""
    began = clock.now()
    receiver.answers = [(410, {}, b"")]
    publish(announcement(actor))
    drain()
    for _ in range(3):
        publish(*(announcement(actor) for _ in range(333)))
    drain(ahead=True)
    assert len(receiver.posts) == 1

    receiver.answers = [OK]
    services.update_endpoint(actor, endpoint.pk, is_enabled=True)
    until = clock.now() + timedelta(seconds=1)
    count = services.redeliver_range(actor, since=began, until=until, endpoint=endpoint.pk)
    drain()
    assert count == 1001  # with the announcement of its own end
    assert {post.id for post in receiver.posts} == {
        str(key) for key in Event.unscoped.values_list("pk", flat=True)
    }
    assert services.redeliver_range(actor, since=began, until=until) == 0


def test_a_range_leaves_out_what_arrived_what_is_disabled_and_what_is_not_in_it(
    new_actor, actor, endpoint, receiver
):
    publish(announcement(actor))
    drain()
    now = clock.now()
    day = timedelta(days=1)
    assert services.redeliver_range(actor, since=now - day, until=now + day) == 0
    Delivery.unscoped.update(state=DeliveryState.DEAD)
    assert services.redeliver_range(new_actor(), since=now - day, until=now + day) == 0
    assert services.redeliver_range(actor, since=now - 2 * day, until=now - day) == 0
    Endpoint.unscoped.update(is_enabled=False)
    assert services.redeliver_range(actor, since=now - day, until=now + day) == 0
    Endpoint.unscoped.update(is_enabled=True)
    assert services.redeliver_range(actor, since=now - day, until=now + day) == 1


def test_a_redelivery_is_a_new_round_with_the_same_id_and_bytes(actor, endpoint, receiver):
    receiver.answers = [OK, BROKEN, OK]
    publish(announcement(actor))
    drain()
    services.redeliver(actor, only_delivery().pk)
    drain(ahead=True)
    assert len({(post.id, post.body) for post in receiver.posts}) == 1
    assert [(it.round, it.number, it.status) for it in tries()] == [
        (1, 1, 200),
        (2, 1, 500),
        (2, 2, 200),
    ]


def test_a_redelivery_overtakes_the_retries_of_the_round_before(actor, endpoint, receiver):
    receiver.answers = [BROKEN, OK]
    publish(announcement(actor))
    drain(1)
    services.redeliver(actor, only_delivery().pk)
    services.redeliver(actor, only_delivery().pk)
    drain(ahead=True)
    assert len(receiver.posts) == 2
    assert only_delivery().round == 3


def test_only_ones_own_deliveries_to_enabled_endpoints_are_sent_again(
    new_actor, actor, endpoint, receiver
):
    publish(announcement(actor))
    drain()
    with pytest.raises(NotFound):
        services.redeliver(new_actor(), only_delivery().pk)
    services.update_endpoint(actor, endpoint.pk, is_enabled=False)
    with pytest.raises(Conflict):
        services.redeliver(actor, only_delivery().pk)


def test_a_deleted_endpoint_ends_what_is_in_flight(actor, endpoint, receiver):
    def delete(_: Post) -> None:
        services.delete_endpoint(actor, endpoint.pk)
        connection.close()  # that of the receiver's thread

    receiver.before_answer = delete
    publish(announcement(actor))
    drain()
    assert len(receiver.posts) == 1
    assert not Delivery.unscoped.exists() and not Attempt.unscoped.exists()


# -- trying out ---------------------------------------------------------------------------------
def test_a_test_send_is_signed_answered_and_not_logged(actor, endpoint, receiver):
    receiver.answers = [(202, {}, b"")]
    outcome = services.send_test(actor, endpoint.pk, event_type="conversation.ended")
    assert (outcome.succeeded, outcome.status) == (True, 202)
    assert receiver.posts[0].verify(endpoint.secret)["type"] == "conversation.ended"
    assert not Event.unscoped.exists() and not Delivery.unscoped.exists()


def test_a_test_send_has_the_same_guard(settings, actor, endpoint, receiver):
    settings.ALLOW_PRIVATE_NETWORKS = []
    outcome = services.send_test(actor, endpoint.pk)
    assert (outcome.succeeded, outcome.status) == (False, None)
    assert outcome.error == "127.0.0.1: the address is not public"
    assert receiver.posts == []


# -- many ---------------------------------------------------------------------------------------
def test_at_most_four_attempts_at_one_endpoint_are_in_flight(actor, endpoint, receiver):
    crowd = Crowd(receiver)
    publish(*(announcement(actor) for _ in range(20)))
    drain()
    assert len({post.id for post in receiver.posts}) == len(receiver.posts) == 20
    assert crowd.most == 4


class Crowd:
    """Counts the requests that are with the receiver at one time."""

    def __init__(self, receiver: Receiver) -> None:
        self.now = self.most = 0
        self.changed = threading.Condition()
        receiver.before_answer = self.linger

    def linger(self, _: Post) -> None:
        with self.changed:
            self.now += 1
            self.most = max(self.most, self.now)
            self.changed.wait_for(lambda: self.now > 4, timeout=0.1)
            self.now -= 1


def test_the_log_is_a_page_with_its_tries_in_a_fixed_number_of_queries(
    new_actor, actor, endpoint, receiver, django_assert_num_queries
):
    publish(*(announcement(actor) for _ in range(5)))
    drain()
    with django_assert_num_queries(3):
        page = queries.find_deliveries(actor, PageNumber(number=2, size=2))
        shown = [(it.event.type, it.endpoint.url, len(it.tries.all())) for it in page.items]
    assert shown == [("conversation.reopened", receiver.url, 1)] * 2
    assert (page.total, page.pages) == (5, 3)
    assert queries.find_deliveries(actor, PageNumber(), state="dead").total == 0
    assert queries.find_deliveries(new_actor(), PageNumber()).total == 0


def test_no_secret_is_ever_logged(actor, endpoint, receiver, caplog):
    caplog.set_level("DEBUG")
    receiver.answers = [BROKEN]
    publish(announcement(actor))
    drain(ahead=True)
    secret = endpoint.secret.reveal()
    assert secret not in caplog.text
    assert secret.removeprefix("whsec_") not in caplog.text
