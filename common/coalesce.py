"""One read shared by everybody who asks at about the same time, and never a stale one."""

import asyncio
from collections.abc import Callable

from common.db import in_thread


class Coalesced[T]:
    """Runs `read` (sync, may use the ORM) in a thread; those who wait together share a result.

    What a caller gets was read after it asked: who arrives during a read waits for the next one.
    So a change that was committed before the call is always seen, at one query a crowd.
    """

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._waiting: dict[asyncio.AbstractEventLoop, list[asyncio.Future[T]]] = {}
        self._serving: dict[asyncio.AbstractEventLoop, asyncio.Task[None]] = {}

    async def value(self) -> T:
        """The result of a read that starts after this call. Raises what the read raises."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[T] = loop.create_future()
        self._waiting.setdefault(loop, []).append(waiter)
        if loop not in self._serving:
            self._serving[loop] = loop.create_task(self._serve(loop))
        return await waiter

    async def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read for one crowd after the other until nobody waits."""
        try:
            while waiters := self._waiting.pop(loop, None):
                await self._answer(waiters)
        finally:
            del self._serving[loop]

    async def _answer(self, waiters: list[asyncio.Future[T]]) -> None:
        try:
            value = await in_thread(self._read)
        except Exception as error:
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_exception(error)
        else:
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(value)
