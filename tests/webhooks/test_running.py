"""Deliveries by the runner, as in production: a slow endpoint does not delay another's."""

import threading
import time

import pytest

from jobs.runner import Runner
from tests.webhooks.receiving import Post, announcement
from webhooks import services
from webhooks.models import Delivery, DeliveryState
from webhooks.services import publish

pytestmark = pytest.mark.django_db(transaction=True)


def wait_until(condition) -> None:
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert condition()


def delivered() -> int:
    return Delivery.unscoped.filter(state=DeliveryState.DELIVERED).count()


def test_a_tar_pit_holds_four_slots_and_not_the_others_deliveries(actor, receiver):
    opened = threading.Event()

    def linger(post: Post) -> None:
        if post.path == "/hooks/slow":
            opened.wait(15)

    receiver.before_answer = linger
    services.create_endpoint(actor, url=f"{receiver.url}/slow")
    services.create_endpoint(actor, url=f"{receiver.url}/fast")
    publish(*(announcement(actor) for _ in range(50)))
    runner = Runner(poll=0.05)
    runner.start()
    try:
        wait_until(lambda: delivered() == 50 and len(receiver.posts) >= 54)
        paths = [post.path for post in receiver.posts]
        assert (paths.count("/hooks/fast"), paths.count("/hooks/slow")) == (50, 4)
        opened.set()
        wait_until(lambda: delivered() == 100)
    finally:
        opened.set()
        runner.stop()
    assert len(receiver.posts) == 100
