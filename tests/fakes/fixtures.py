"""Fixtures that every test may ask for."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.provider import FakeProvider


@pytest.fixture
def upstream(settings: Any) -> Iterator[FakeProvider]:
    """A fake provider on this machine, which calls may reach although its address is private."""
    settings.ALLOW_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    with FakeProvider() as provider:
        yield provider
