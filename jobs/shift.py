"""A runner's life inside its event loop, from the first claim to the last job handed back.

claim due jobs ─▶ load (a batch) ─▶ perform (each in a task) ─▶ close (a batch) ─▶ claim …
"""

import asyncio
import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from common import clock
from jobs import intake, queue, work
from jobs.closing import Closer
from jobs.flight import Flight
from jobs.handlers import Claim
from jobs.intake import Held, Intake
from jobs.kinds import Kind, by_kind
from jobs.threads import DatabaseThread
from jobs.upkeep import Upkeep
from jobs.work import Loaded, Verdict

logger = logging.getLogger(__name__)
PACE = 0.01  # seconds between two claims, so that each finds several free slots
LONGEST_PAUSE = 2.0  # seconds between tries while the database is away


@dataclass(frozen=True, slots=True)
class Batch:
    """Claimed jobs of one kind, and what was loaded for them."""

    kind: Kind
    claims: Sequence[Claim]
    loaded: Loaded


class Shift:
    """Looks at the table every `poll` seconds, and at once when woken."""

    def __init__(self, worker: uuid.UUID, poll: float) -> None:
        self._worker = worker
        self._poll = poll
        self._grace: float | None = None
        self._bell = asyncio.Event()
        self._crowded = False
        self._claiming = DatabaseThread("claiming")
        self._closer = Closer(on_closed=self._free_slots)
        self._flight = Flight(on_landed=self._land)
        self._upkeep = Upkeep(worker, owned=self._owned, lost=self._flight.cancel)

    def wake(self) -> None:
        self._bell.set()

    def end(self, grace: float) -> None:
        """Claim nothing more, and give the jobs in flight `grace` seconds to end."""
        self._grace = grace
        self.wake()

    async def work(self) -> None:
        """Do jobs until `end`; return when every job is closed or handed back."""
        while self._grace is None:
            await self._claim_and_rest()
        left = await self._flight.land(self._grace)
        await self._closer.finish(seconds=max(self._grace, 1.0))
        await self._hand_back(left)
        await self._upkeep.stop()
        await asyncio.to_thread(self._claiming.close)

    async def _claim_and_rest(self) -> None:
        began = clock.monotonic()
        try:
            taken = await self._claim()
        except Exception as error:
            logger.warning("could not claim jobs: %s", error)
            await asyncio.sleep(min(self._poll, LONGEST_PAUSE))
        else:
            await self._rest(taken, at_least=max(PACE, clock.monotonic() - began))

    async def _claim(self) -> Intake:
        if len(self._closer) > 2 * settings.JOB_CONCURRENCY:
            return Intake(claims=[], crowded=True, next_in=None)
        taken, batches = await self._claiming.run(_take, self._worker, self._flight.held())
        for batch in batches:
            self._launch(batch)
        return taken

    async def _rest(self, taken: Intake, *, at_least: float) -> None:
        """After a catch there may be more; else until the bell, the next due job or the poll.

        Resting at least as long as claiming took keeps half of the database for others.
        """
        await asyncio.sleep(at_least)
        if taken.claims:
            return
        self._crowded = taken.crowded
        wait = self._poll if taken.next_in is None else min(self._poll, taken.next_in)
        try:
            async with asyncio.timeout(wait):
                await self._bell.wait()
        except TimeoutError:
            pass
        self._bell.clear()

    def _launch(self, batch: Batch) -> None:
        for verdict in batch.loaded.verdicts:
            self._closer.add(verdict)
        for claim in batch.claims:
            if claim.id in batch.loaded.works:
                self._flight.launch(batch.kind, claim, batch.loaded.works[claim.id])

    def _land(self, verdict: Verdict) -> None:
        self._closer.add(verdict)
        self._free_slots()

    def _free_slots(self) -> None:
        if self._crowded:
            self._bell.set()

    def _owned(self) -> list[Claim]:
        return self._flight.claims() + self._closer.claims()

    async def _hand_back(self, claims: Sequence[Claim]) -> None:
        try:
            await self._claiming.run(queue.hand_back, claims)
        except Exception as error:
            logger.warning("%d jobs were not handed back: %s", len(claims), error)


def _take(worker: uuid.UUID, held: Held) -> tuple[Intake, list[Batch]]:
    """Claim and load, in the database thread."""
    taken = intake.take(worker, held)
    groups = by_kind(taken.claims, lambda claim: claim.kind)
    return taken, [Batch(kind, claims, work.load(kind, claims)) for kind, claims in groups]
