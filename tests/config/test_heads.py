"""Slow heads of requests, against a server that runs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from config import heads
from config.heads import PatientProtocol


async def _application(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.sleep(0.3)  # longer than a head may take
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"done"})


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(heads, "SECONDS", 0.2)
    config = uvicorn.Config(
        _application, port=0, http=PatientProtocol, lifespan="off", log_level="error"
    )
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


@contextlib.asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: "])
async def test_a_head_that_does_not_come_ends_the_connection(port: int, begun: bytes):
    async with connected(port) as (reader, writer):
        writer.write(begun)
        assert await asyncio.wait_for(reader.read(), 5) == b""


async def test_who_has_asked_may_wait_for_the_answer_and_ask_again_slowly_once(port: int):
    async with connected(port) as (reader, writer):
        for _ in range(2):
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
            assert b"200 OK" in head
            await reader.readuntil(b"0\r\n\r\n")
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n")
        assert await asyncio.wait_for(reader.read(), 5) == b""
