"""The three phases of a job (load, perform, close) and what becomes of it after each.

`load` and `close` are synchronous and take a whole batch; one bad job is found by trying each by
itself, so that it does not sink the others. Used by the runner and by `jobs.testing.drain`.
"""

import asyncio
import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction

from jobs import backoff, queue
from jobs.handlers import Claim, Outcome, Permanent
from jobs.kinds import Kind, by_kind, get_kind

logger = logging.getLogger(__name__)
ERROR_LENGTH = 2000


class DatabaseGone(Exception):
    """The database cannot be reached; what was to be written may be tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of a job: `outcome` is committed, then it is closed, put back or buried."""

    claim: Claim
    outcome: Outcome[Any] | None = None
    error: str = ""
    again_in: float | None = None
    dead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The work of those claims that have any, and the verdict on the others."""

    works: Mapping[uuid.UUID, Any]
    verdicts: Sequence[Verdict]


def load(kind: Kind, claims: Sequence[Claim]) -> Loaded:
    """Load the work of claims of one kind."""
    try:
        works = kind.handler.load(claims)
    except Exception as error:
        if len(claims) == 1:
            return Loaded(works={}, verdicts=[failed(claims[0], error)])
        return _join([load(kind, [claim]) for claim in claims])
    left_out = [Verdict(claim=claim) for claim in claims if claim.id not in works]
    return Loaded(works=works, verdicts=left_out)


def _join(parts: Sequence[Loaded]) -> Loaded:
    return Loaded(
        works={id: work for part in parts for id, work in part.works.items()},
        verdicts=[verdict for part in parts for verdict in part.verdicts],
    )


async def perform(kind: Kind, claim: Claim, work: Any) -> Verdict:
    """Perform one job. Nothing it raises comes out, except being cancelled."""
    try:
        async with asyncio.timeout(kind.deadline):
            outcome = await kind.handler.perform(work)
    except Exception as error:
        return failed(claim, error)
    return Verdict(claim=claim, outcome=outcome, again_in=outcome.again_in)


def failed(claim: Claim, error: Exception) -> Verdict:
    """The verdict on a job that raised: again after a while, or never."""
    logger.warning(
        "job %s %s failed at attempt %d: %s",
        claim.kind,
        claim.id,
        claim.attempt,
        type(error).__name__,
        exc_info=not isinstance(error, Permanent),
    )
    reason = f"{type(error).__name__}: {error}"[:ERROR_LENGTH]
    if isinstance(error, Permanent) or claim.attempt >= claim.max_attempts:
        return Verdict(claim=claim, error=reason, dead=True)
    return Verdict(claim=claim, error=reason, again_in=backoff.delay(claim.attempt, error))


def close(verdicts: Sequence[Verdict]) -> None:
    """Carry out verdicts in one transaction; if that fails, each in its own.

    Jobs that this process no longer owns are left alone. Raises `DatabaseGone`.
    """
    if not verdicts:
        return
    try:
        with transaction.atomic():
            _close(verdicts)
    except Exception as error:
        if _is_gone(error):
            raise DatabaseGone from error
        _close_singly(verdicts, error)


def release_expired(limit: int) -> int:
    """Take jobs from owners that were not heard of in time, and bury the spent ones. How many."""
    with transaction.atomic():
        released = queue.release_expired(limit)
        for job in released:
            if job.dead:
                _bury_dead(job.claim, f"the worker was lost {job.claim.attempt} times")
    return len(released)


def _bury_dead(claim: Claim, reason: str) -> None:
    """A handler that fails to bury one job must not hold the leases of all others."""
    try:
        with transaction.atomic():
            get_kind(claim.kind).handler.bury([(claim, reason)])
    except Exception:
        logger.exception("job %s %s could not be buried by its handler", claim.kind, claim.id)


def _close(verdicts: Sequence[Verdict]) -> None:
    """Move the jobs first: only for those that are still ours the handlers write anything."""
    owned = _move(verdicts)
    still_ours = [verdict for verdict in verdicts if verdict.claim.id in owned]
    for kind, group in by_kind(still_ours, lambda verdict: verdict.claim.kind):
        outcomes = [(v.claim, v.outcome) for v in group if v.outcome is not None]
        if outcomes:
            kind.handler.commit(outcomes)
        dead = [(v.claim, v.error) for v in group if v.dead]
        if dead:
            kind.handler.bury(dead)


def _move(verdicts: Sequence[Verdict]) -> set[uuid.UUID]:
    """The ids of the jobs that were ours to move."""
    dead = [(v.claim, v.error) for v in verdicts if v.dead]
    again = [(v.claim, v.again_in, v.error) for v in verdicts if v.again_in is not None]
    done = [v.claim for v in verdicts if not v.dead and v.again_in is None]
    return queue.finish(done) | queue.put_back(again) | queue.bury(dead)


def _close_singly(verdicts: Sequence[Verdict], error: Exception) -> None:
    if len(verdicts) > 1:
        for verdict in verdicts:
            close([verdict])
    elif not verdicts[0].dead:
        close([failed(verdicts[0].claim, error)])
    else:
        with transaction.atomic():
            if queue.bury([(verdicts[0].claim, verdicts[0].error)]):
                _bury_dead(verdicts[0].claim, verdicts[0].error)


def _is_gone(error: Exception) -> bool:
    """Whether it was the database's doing, not the job's: no connection, or no lock in time."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    if connection.vendor == "sqlite":
        return "locked" in str(error)
    return connection.connection is None or not connection.is_usable()
