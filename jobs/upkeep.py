"""What a runner does beside its jobs: renew leases, sign in, sweep, take turns at periodic work."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable

from django.conf import settings

from jobs import periodic, queue, workers
from jobs.handlers import Claim
from jobs.sweeper import Sweeper
from jobs.threads import DatabaseThread

logger = logging.getLogger(__name__)
SWEEP_EVERY = 1.0  # seconds


class Upkeep:
    """`owned` says which jobs are this process's; `lost` hears of those that no longer are."""

    def __init__(
        self,
        worker: uuid.UUID,
        *,
        owned: Callable[[], list[Claim]],
        lost: Callable[[set[uuid.UUID]], None],
    ) -> None:
        self._worker = worker
        self._owned = owned
        self._lost = lost
        self._sweeper = Sweeper(worker)
        self._leases = DatabaseThread("leases")
        self._sweeping = DatabaseThread("sweeping")
        self._periodic = DatabaseThread("periodic")
        beat = settings.JOB_LEASE_SECONDS / 3
        self._tasks = [
            asyncio.create_task(_every(beat, self._renew_leases)),
            asyncio.create_task(_every(beat, self._sign_in)),
            asyncio.create_task(_every(SWEEP_EVERY, self._sweep)),
            asyncio.create_task(_every(SWEEP_EVERY, self._take_turns)),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await self._leases.run(workers.sign_out, self._worker)
        except Exception as error:
            logger.warning("could not sign out: %s", type(error).__name__)
        for thread in (self._leases, self._sweeping, self._periodic):
            await asyncio.to_thread(thread.close)

    async def _renew_leases(self) -> None:
        claims = self._owned()
        if claims:
            kept = await self._leases.run(queue.heartbeat, claims)
            self._lost({claim.id for claim in claims} - kept)

    async def _sign_in(self) -> None:
        await self._leases.run(workers.sign_in, self._worker)

    async def _sweep(self) -> None:
        await self._sweeping.run(self._sweeper.sweep)

    async def _take_turns(self) -> None:
        await self._periodic.run(periodic.run_due, self._worker)


async def _every(seconds: float, duty: Callable[[], Awaitable[None]]) -> None:
    """Do `duty` for ever; what fails now, as while the database restarts, is due again later."""
    while True:
        try:
            await duty()
        except Exception as error:
            logger.warning("%s: %s", getattr(duty, "__name__", duty), error)
        await asyncio.sleep(seconds)
