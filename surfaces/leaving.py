"""Work that is given up when whoever asked for it hangs up: nobody pays for answers unheard."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final

from surfaces.gate import Disconnected

PATIENCE: Final = 1.0
"""Seconds. Most answers are there before, and to listen costs more than to answer."""

type Gone = Callable[[], Awaitable[None]]
"""Returns when the caller hangs up; to be called only when the request was read to its end."""


class WhileThere:
    """`async with` this, what stands in the block is cancelled when the caller goes, and
    `Disconnected` raised instead."""

    def __init__(self, gone: Gone) -> None:
        self._gone = gone
        self._has_left = False
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        working = asyncio.current_task()
        assert working is not None
        self._working = working
        self._timer = working.get_loop().call_later(PATIENCE, self._begin)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        if self._has_left and self._working.uncancel() == 0 and kind is asyncio.CancelledError:
            raise Disconnected from error

    def _begin(self) -> None:
        self._listening = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        await self._gone()
        self._has_left = True
        self._working.cancel()
