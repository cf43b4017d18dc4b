"""A handler for tests in real processes: each commit leaves a receipt, a row that tells of it."""

import asyncio
import os
import signal
import uuid
from collections.abc import Mapping, Sequence

from jobs.handlers import Claim, Outcome
from jobs.services import Job, enqueue_many

RECEIPT = "test.receipt"  # of no process's kinds: such a job stays, and can be counted


class Receipts:
    """Sleeps `sleep` seconds, or kills its own process if told to `die`."""

    limit = 50

    def load(self, claims: Sequence[Claim]) -> Mapping[uuid.UUID, Claim]:
        return {claim.id: claim for claim in claims}

    async def perform(self, work: Claim) -> Outcome[None]:
        if "die" in work.payload:
            os.kill(os.getpid(), signal.SIGKILL)
        await asyncio.sleep(float(str(work.payload.get("sleep", 0))))
        return Outcome(result=None)

    def commit(self, outcomes: Sequence[tuple[Claim, Outcome[None]]]) -> None:
        enqueue_many(
            [
                Job(kind=RECEIPT, organisation_id=claim.organisation_id, subject=claim.id)
                for claim, _ in outcomes
            ]
        )

    def bury(self, claims: Sequence[tuple[Claim, str]]) -> None: ...
