"""The jobs that this process performs at the moment, each in its own task."""

import asyncio
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from typing import Any

from jobs import work
from jobs.handlers import Claim
from jobs.kinds import Kind
from jobs.work import Verdict


class Flight:
    """`on_landed` gets the verdict of each job that was not cancelled."""

    def __init__(self, on_landed: Callable[[Verdict], None]) -> None:
        self._on_landed = on_landed
        self._claims: dict[uuid.UUID, Claim] = {}
        self._tasks: dict[uuid.UUID, asyncio.Task[None]] = {}
        self._held: dict[str, Counter[uuid.UUID]] = defaultdict(Counter)

    def launch(self, kind: Kind, claim: Claim, job: Any) -> None:
        self._claims[claim.id] = claim
        self._held[kind.name][claim.lane] += 1
        self._tasks[claim.id] = asyncio.create_task(self._perform(kind, claim, job))

    def claims(self) -> list[Claim]:
        return list(self._claims.values())

    def held(self) -> dict[str, Counter[uuid.UUID]]:
        """A copy: how many jobs of each kind and lane are in flight."""
        return {kind: Counter(lanes) for kind, lanes in self._held.items()}

    def cancel(self, ids: Collection[uuid.UUID]) -> None:
        """Stop performing jobs that are no longer ours."""
        for id in ids:
            if task := self._tasks.get(id):
                task.cancel()

    async def land(self, seconds: float) -> list[Claim]:
        """Wait that long for the jobs to end; cancel the others and say which they were."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=seconds)
        left, tasks = self.claims(), list(self._tasks.values())
        self.cancel(list(self._tasks))
        await asyncio.gather(*tasks, return_exceptions=True)
        return left

    async def _perform(self, kind: Kind, claim: Claim, job: Any) -> None:
        try:
            verdict = await work.perform(kind, claim, job)
        finally:
            self._forget(claim)
        self._on_landed(verdict)

    def _forget(self, claim: Claim) -> None:
        del self._claims[claim.id], self._tasks[claim.id]
        lanes = self._held[claim.kind]
        lanes[claim.lane] -= 1
        if not lanes[claim.lane]:
            del lanes[claim.lane]
