"""Fixtures that every test may ask for."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.provider import FakeProvider
from tests.fakes.sound import FakeSound


@pytest.fixture
def upstream(settings: Any) -> Iterator[FakeProvider]:
    """A fake provider on this machine, which calls may reach although its address is private."""
    settings.ALLOW_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    with FakeProvider() as provider:
        yield provider


@pytest.fixture
def sound(settings: Any) -> Iterator[FakeSound]:
    """A fake upstream of sound, likewise."""
    settings.ALLOW_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    with FakeSound() as provider:
        yield provider
