"""The limit: a bare ASGI pass-through on uvicorn and aiohttp. No key, no store, no translation."""

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp

UPSTREAM = os.environ.get("BENCH_UPSTREAM", "")
_sessions: list[aiohttp.ClientSession] = []


async def application(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[Mapping[str, Any]]],
    send: Callable[[Mapping[str, Any]], Awaitable[None]],
) -> None:
    if scope["type"] != "http":
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    if not _sessions:
        _sessions.append(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
    headers = {"content-type": "application/json"}
    async with _sessions[0].post(UPSTREAM, data=body, headers=headers) as reply:
        kind = reply.headers["content-type"].encode()
        start = {"type": "http.response.start", "status": reply.status}
        await send({**start, "headers": [(b"content-type", kind)]})
        if kind.startswith(b"text/event-stream"):
            async for chunk in reply.content.iter_any():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        else:
            await send({"type": "http.response.body", "body": await reply.read()})
