"""What runs as long as the web process serves; starts and stops with the server."""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings

from common import group_commit, http
from config import draining
from jobs import embedded

type Scope = dict[str, Any]
type Receive = Callable[[], Awaitable[Mapping[str, Any]]]
type Send = Callable[[Mapping[str, Any]], Awaitable[None]]
type Application = Callable[[Scope, Receive, Send], Awaitable[None]]

log = logging.getLogger(__name__)


class Lifespan:
    """Answers the ASGI lifespan protocol; every HTTP request goes on to `inner`."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self.inner(scope, receive, send)
            case "lifespan":
                await _live(receive, send)
            case "websocket":
                await send({"type": "websocket.close", "code": 1000})


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        step = _start if message["type"] == "lifespan.startup" else _stop
        try:
            await step()
        except Exception as error:
            log.exception("%s failed", message["type"])
            await send({"type": f"{message['type']}.failed", "message": str(error)})
            return
        await send({"type": f"{message['type']}.complete"})
        if step is _stop:
            return


async def _start() -> None:
    """What was imported stays: the collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
    draining.reset()
    if not settings.CELERY_BROKER_URL:
        await asyncio.to_thread(embedded.start)


async def _stop() -> None:
    draining.begin()
    if not settings.CELERY_BROKER_URL:
        await asyncio.to_thread(embedded.stop)
    await http.close()
    await asyncio.to_thread(group_commit.close)
