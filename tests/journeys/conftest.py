"""One live deployment on the embedded default, shared by the journeys of a run."""

import json
from collections.abc import Iterator, Mapping

import pytest

from tests.journeys.live import Deployment, Receiver, deployment


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    place = deployment(tmp_path_factory.mktemp("embedded"))
    place.manage("migrate", "--verbosity", "0")
    with place.serving():
        yield place


@pytest.fixture(scope="session")
def credentials(embedded: Deployment, receiver: Receiver) -> Mapping[str, str]:
    """What a journey inside an SDK's environment is told."""
    return told(embedded, receiver)


def told(place: Deployment, receiver: Receiver) -> Mapping[str, str]:
    keys: dict[str, str] = json.loads(place.run("-m", "tests.journeys.founding"))
    return {"COLLOQUY_URL": place.url, "RECEIVER_URL": receiver.url, **keys}
