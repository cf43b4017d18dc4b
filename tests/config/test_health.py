"""Probes: what they answer when all is there, and what they name when something is not."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from common import ids
from config import draining, readiness
from jobs import workers
from tests.journeys.stores import broker


@pytest.fixture
def served(db: None) -> None:
    workers.sign_in(ids.new_uuid())


def test_healthz_asks_nothing_of_the_database(client: Client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_probe_may_come_by_address(client: Client):
    assert client.get("/healthz", headers={"host": "10.1.2.3:8000"}).status_code == 200


def test_a_probe_only_reads(client: Client):
    assert client.post("/healthz").status_code == 405


def test_ready_with_a_database_its_migrations_and_a_worker(client: Client, served: None):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "missing": {}})


@pytest.mark.django_db
def test_not_ready_without_a_worker(client: Client):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert list(answer.json()["missing"]) == ["worker"]


def test_not_ready_while_stopping(client: Client, served: None):
    draining.begin()
    try:
        answer = client.get("/readyz")
    finally:
        draining.reset()
    assert answer.status_code == 503
    assert list(answer.json()["missing"]) == ["process"]


def test_not_ready_with_a_migration_that_was_not_applied(
    client: Client, served: None, monkeypatch: pytest.MonkeyPatch
):
    known = readiness._known_migrations() | {("jobs", "9999_later")}
    monkeypatch.setattr(readiness, "_known_migrations", lambda: known)
    answer = client.get("/readyz")
    assert answer.json()["missing"] == {"migrations": "1 are not applied"}


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "amqp://guest:hidden@127.0.0.1:1//"])
def test_not_ready_without_the_broker_that_was_set(
    url: str, client: Client, served: None, settings: Any
):
    settings.CELERY_BROKER_URL = url
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert list(answer.json()["missing"]) == ["broker"]
    assert b"hidden" not in answer.content


@pytest.mark.parametrize("name", ["redis", "rabbitmq"])
def test_ready_with_a_broker_that_answers(name: str, client: Client, served: None, settings: Any):
    settings.CELERY_BROKER_URL = broker(name)["CELERY_BROKER_URL"]
    assert client.get("/readyz").json()["missing"] == {}


def test_a_database_that_does_not_answer_is_named_and_the_rest_left_alone(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object) -> None:
        raise OperationalError("could not connect to db.internal as colloquy")

    class Away:
        cursor = refuse
        close = staticmethod(lambda: None)

    monkeypatch.setattr(readiness, "connection", Away())
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == {"database": "does not answer (OperationalError)"}
