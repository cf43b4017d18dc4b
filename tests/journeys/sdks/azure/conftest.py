"""Runs inside the SDK's own environment; the server and its key come from outside."""

import inspect
import os
from collections.abc import AsyncIterator
from typing import Any

import azure.ai.inference
import azure.ai.inference.aio
import pytest
from azure.core.credentials import AzureKeyCredential

ENDPOINT = os.environ["COLLOQUY_URL"] + "/azure"
KEY = os.environ["COLLOQUY_KEY"]


class Settling:
    """A client whose calls are all awaited, whether it is the sync or the async one."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        async def call(*args: Any, **options: Any) -> Any:
            answer = getattr(self.inner, name)(*args, **options)
            return await answer if inspect.isawaitable(answer) else answer

        return call


class Clients:
    """Makes clients of one kind, sync or async, and closes them."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.made: list[Any] = []

    def make(self, kind: str, *, endpoint: str = ENDPOINT, key: str = KEY, **options: Any) -> Any:
        client = getattr(self.module, kind)(
            endpoint=endpoint, credential=AzureKeyCredential(key), retry_total=0, **options
        )
        self.made.append(client)
        return Settling(client)

    async def load(self, endpoint: str) -> Any:
        client = self.module.load_client(endpoint=endpoint, credential=AzureKeyCredential(KEY))
        client = await client if inspect.isawaitable(client) else client
        self.made.append(client)
        return client

    async def close(self) -> None:
        for client in self.made:
            closed = client.close()
            if inspect.isawaitable(closed):
                await closed


@pytest.fixture(params=["sync", "async"])
async def clients(request: pytest.FixtureRequest) -> AsyncIterator[Clients]:
    modules = {"sync": azure.ai.inference, "async": azure.ai.inference.aio}
    clients = Clients(modules[request.param])
    yield clients
    await clients.close()


@pytest.fixture
def chat(clients: Clients) -> Any:
    return clients.make("ChatCompletionsClient")


@pytest.fixture
def embeddings(clients: Clients) -> Any:
    return clients.make("EmbeddingsClient")


async def pieces(stream: Any) -> list[Any]:
    """All of a stream, sync or async."""
    if hasattr(stream, "__aiter__"):
        return [piece async for piece in stream]
    return list(stream)
