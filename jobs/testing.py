"""For tests: runs jobs to the end in the calling thread."""

import asyncio
from collections.abc import Sequence

from common import ids
from jobs import intake, work
from jobs.handlers import Claim
from jobs.kinds import Kind, by_kind
from jobs.work import Verdict


def drain(limit: int = 10_000, *, ahead: bool = False) -> int:
    """Run due jobs, and those they cause, until none is due; how many runs that took.

    `ahead` also runs jobs that are due later, retries among them, so a job that always puts itself
    back runs until about `limit`. Handlers that read rows in other threads see committed ones only:
    such tests want `django_db(transaction=True)`. From async code call it with `in_thread`.
    """
    worker, ran = ids.new_uuid(), 0
    with asyncio.Runner() as loop:
        while ran < limit:
            claims = intake.take(worker, {}, ahead=ahead).claims
            if not claims:
                break
            for kind, group in by_kind(claims, lambda claim: claim.kind):
                _run(loop, kind, group)
            ran += len(claims)
    return ran


def _run(loop: asyncio.Runner, kind: Kind, claims: Sequence[Claim]) -> None:
    loaded = work.load(kind, claims)
    owned = [claim for claim in claims if claim.id in loaded.works]
    work.close([*loaded.verdicts, *loop.run(_perform(kind, owned, loaded))])


async def _perform(kind: Kind, claims: Sequence[Claim], loaded: work.Loaded) -> list[Verdict]:
    performing = (work.perform(kind, claim, loaded.works[claim.id]) for claim in claims)
    return await asyncio.gather(*performing)
