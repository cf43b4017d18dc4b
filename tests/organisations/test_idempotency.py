"""One idempotency key: one effect, the same answer, and no trace of a failure."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import close_old_connections, connection

from organisations.actor import Actor, system
from organisations.idempotency import Attempt, Kept, delete_expired, once
from organisations.models import IdempotencyRecord
from organisations.services import create_organisation
from vocabulary.errors import InFlight, InvalidRequest, KeyReused


def attempt(actor: Actor, key: str = "k", payload: bytes = b"{}") -> Attempt:
    return Attempt(actor=actor, key=key, route="/things", payload=payload)


@pytest.fixture
def actor(db: None) -> Actor:
    return system(create_organisation("acme").pk)


def test_the_second_request_gets_the_first_answer(actor: Actor):
    first = once(attempt(actor), lambda: Kept(status=200, body=b"one"))
    second = once(attempt(actor), lambda: Kept(status=200, body=b"two"))
    assert (first.body, second.body, second.is_replay) == (b"one", b"one", True)


def test_another_body_under_the_same_key_is_refused(actor: Actor):
    once(attempt(actor), lambda: Kept(status=200, body=b"one"))
    with pytest.raises(KeyReused):
        once(attempt(actor, payload=b"[]"), lambda: Kept(status=200, body=b"two"))


def test_a_failed_request_may_be_sent_again(actor: Actor):
    def fail() -> Kept:
        raise InvalidRequest("name", "wrong")

    with pytest.raises(InvalidRequest):
        once(attempt(actor), fail)
    assert once(attempt(actor), lambda: Kept(status=200, body=b"ok")).body == b"ok"


def test_another_organisation_has_keys_of_its_own(actor: Actor):
    other = system(create_organisation("other").pk)
    once(attempt(actor), lambda: Kept(status=200, body=b"one"))
    assert once(attempt(other), lambda: Kept(status=200, body=b"two")).body == b"two"


def test_an_overlong_key_is_refused(actor: Actor):
    with pytest.raises(InvalidRequest):
        once(attempt(actor, key="k" * 256), lambda: Kept(status=200, body=b""))


@pytest.mark.parametrize("route", ["/things/" + "x" * 4000, "/things/\0", "/things/\ud800"])
def test_no_route_is_too_odd_to_be_kept(actor: Actor, route: str):
    for body in (b"one", b"two"):
        tried = Attempt(actor=actor, key="k", route=route, payload=b"{}")
        assert once(tried, lambda body=body: Kept(status=200, body=body)).body == b"one"
    assert once(attempt(actor), lambda: Kept(status=200, body=b"other")).body == b"other"


def test_old_records_are_forgotten(actor: Actor):
    once(attempt(actor), lambda: Kept(status=200, body=b"one"))
    IdempotencyRecord.unscoped.update(expires_at="2000-01-01T00:00Z")
    delete_expired()
    assert not IdempotencyRecord.unscoped.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_acts_and_all_get_its_answer():
    actor = system(create_organisation("acme").pk)
    effects: list[int] = []
    start = threading.Barrier(16)

    def race(number: int) -> bytes | None:
        start.wait()
        close_old_connections()
        try:
            return once(attempt(actor), lambda: act(number)).body
        except InFlight:
            return None
        finally:
            connection.close()

    def act(number: int) -> Kept:
        effects.append(number)
        return Kept(status=200, body=str(number).encode())

    with ThreadPoolExecutor(16) as pool:
        answers = set(pool.map(race, range(16))) - {None}
    assert len(effects) == len(answers) == 1
    assert IdempotencyRecord.unscoped.count() == 1
