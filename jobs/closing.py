"""Closing finished jobs together: one transaction for all that end within a few milliseconds."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from jobs import work
from jobs.handlers import Claim
from jobs.threads import DatabaseThread
from jobs.work import DatabaseGone, Verdict

logger = logging.getLogger(__name__)
LINGER = 0.005  # seconds in which more verdicts may join the first
MOST = 500  # verdicts in one transaction
LONGEST_PAUSE = 5.0  # seconds between tries while the database is away


class Closer:
    """Takes verdicts from the event loop and carries them out in its own database thread."""

    def __init__(self, on_closed: Callable[[], None]) -> None:
        self._thread = DatabaseThread("closing")
        self._waiting: list[Verdict] = []
        self._closing: Sequence[Verdict] = ()
        self._some = asyncio.Event()
        self._on_closed = on_closed
        self._task = asyncio.create_task(self._close_forever())

    def add(self, verdict: Verdict) -> None:
        self._waiting.append(verdict)
        self._some.set()

    def claims(self) -> list[Claim]:
        """Jobs that are still ours until their verdict is carried out."""
        return [verdict.claim for verdict in (*self._waiting, *self._closing)]

    def __len__(self) -> int:
        return len(self._waiting) + len(self._closing)

    async def finish(self, seconds: float) -> None:
        """Carry out all verdicts if that takes no longer than `seconds`; then take no more."""
        deadline = asyncio.get_running_loop().time() + seconds
        while len(self) and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(LINGER)
        self._task.cancel()
        await asyncio.to_thread(self._thread.close)

    async def _close_forever(self) -> None:
        while True:
            await self._some.wait()
            await asyncio.sleep(LINGER)
            self._closing, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            if not self._waiting:
                self._some.clear()
            await self._close(self._closing)
            self._closing = ()
            self._on_closed()

    async def _close(self, verdicts: Sequence[Verdict]) -> None:
        """A database that is away is waited for: no job is lost, at worst another does it again."""
        pause = 0.1
        while True:
            try:
                return await self._thread.run(work.close, verdicts)
            except DatabaseGone:
                logger.warning("the database is away; %d jobs wait to be closed", len(verdicts))
            except Exception:
                logger.exception(
                    "%d jobs could not be closed; their leases will end", len(verdicts)
                )
                return None
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
