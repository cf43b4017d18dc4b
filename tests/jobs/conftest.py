"""Two kinds of obedient jobs, and an organisation that they belong to."""

import socket
from collections.abc import Iterator

import pytest

from organisations.models import Organisation
from tests.jobs import handlers


@pytest.fixture(autouse=True)
def kinds(settings):
    handlers.forget()
    settings.JOBS = {
        "test.obey": "tests.jobs.handlers.Obedient",
        "test.other": "tests.jobs.handlers.Obedient",
    }


@pytest.fixture
def organisation(db: None) -> Organisation:
    return Organisation.objects.create(slug="acme", name="Acme")


@pytest.fixture
def neighbour(db: None) -> Organisation:
    return Organisation.objects.create(slug="neighbour", name="Neighbour")


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
