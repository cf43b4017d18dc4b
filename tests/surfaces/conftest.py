"""Callers of the surfaces: through both doors as the server has them, or through Django's alone."""

from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest
from django.test import Client

from common.db import in_thread
from config.asgi import application
from tests.surfaces.fake import Fake
from tests.surfaces.world import World, build


@pytest.fixture
async def server() -> AsyncIterator[httpx.AsyncClient]:
    """The whole application, live door and all, in this process."""
    transport = httpx.ASGITransport(app=cast(Any, application))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


@pytest.fixture
def django(client: Client) -> Client:
    """Django's door alone: for routes that wait for no upstream."""
    return client


@pytest.fixture
def ours(db: None) -> World:
    return build("ours")


@pytest.fixture
def theirs(db: None) -> World:
    return build("theirs")


@pytest.fixture
async def our_world(transactional_db: None) -> World:
    return await in_thread(build, "ours")


@pytest.fixture
async def their_world(transactional_db: None) -> World:
    return await in_thread(build, "theirs")


@pytest.fixture
def fake(settings: Any) -> type[Fake]:
    """The builtin models are answered by a fake that can be told what to do."""
    settings.PROVIDERS = {**settings.PROVIDERS, "builtin": "tests.surfaces.fake.Fake"}
    Fake.asked.clear()
    return Fake
