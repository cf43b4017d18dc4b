"""Runs inside the SDK's own environment; the server, its key and a receiver come from outside."""

import json
import os
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
import telnyx

BASE_URL = os.environ["COLLOQUY_URL"] + "/telnyx/v2"
ERA_C = tuple(int(part) for part in telnyx.__version__.split(".")[:2]) >= (4, 168)


@pytest.fixture(scope="session")
def make_client() -> Callable[..., telnyx.Telnyx]:
    def make(**options: Any) -> telnyx.Telnyx:
        settings = {"api_key": os.environ["COLLOQUY_KEY"], "max_retries": 0, **options}
        return telnyx.Telnyx(base_url=BASE_URL, _strict_response_validation=True, **settings)

    return make


@pytest.fixture(scope="session")
def client(make_client: Callable[..., telnyx.Telnyx]) -> telnyx.Telnyx:
    return make_client()


@pytest.fixture
def stranger(make_client: Callable[..., telnyx.Telnyx]) -> telnyx.Telnyx:
    """Another organisation's client."""
    return make_client(api_key=os.environ["COLLOQUY_OTHER_KEY"])


@pytest.fixture
def conversation(client: telnyx.Telnyx) -> str:
    return client.ai.conversations.create(name="journey", metadata={"order": "A-1"}).id


def received() -> list[dict[str, Any]]:
    with urllib.request.urlopen(os.environ["RECEIVER_URL"] + "/received") as answer:
        listed: list[dict[str, Any]] = json.load(answer)
        return listed


def wait_for[T](look: Callable[[], T | None], seconds: float = 10) -> T:
    """What `look` finds within the time that the product promises."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"nothing within {seconds} s")
