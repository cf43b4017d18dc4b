"""What a kind of job is: load what it needs, perform it, commit what came of it.

The three phases keep the law that no transaction spans a network call: `load` and `commit` touch
the database for a whole batch, `perform` awaits upstreams one by one and holds none. `commit` runs
in the transaction that closes the jobs by their fence, and sees only jobs this process still owns.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from vocabulary.json import JsonObject

NO_LANE = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A job this process owns until its lease ends. `attempt` counts from 1."""

    id: uuid.UUID
    kind: str
    subject: uuid.UUID | None
    payload: JsonObject
    organisation_id: uuid.UUID | None
    attempt: int
    max_attempts: int
    fence: int
    lane: uuid.UUID = NO_LANE


def subjects(claims: Iterable[Claim]) -> list[uuid.UUID]:
    """The rows that these jobs are about."""
    return [claim.subject for claim in claims if claim.subject]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome[R]:
    """What came of a job. `again_in` (seconds) puts it back instead of closing it.

    A job put back so keeps its count of attempts, and is not buried for it.
    """

    result: R
    again_in: float | None = None


class Permanent(Exception):
    """Trying again cannot help: the job is buried at once."""


class Handler[W, R](Protocol):
    """One kind of job. `limit` is the most of it in flight in one process.

    `load` leaves out claims with nothing left to do; they are closed. Any exception of `perform` is
    retried with backoff until `max_attempts`, then `bury` is called in the closing transaction.

    A handler may also have `lane_limit`, the most of one lane in flight in one process, and
    `deadline`, the seconds that one attempt may take (`jobs.kinds` has what holds otherwise).
    """

    limit: int

    def load(self, claims: Sequence[Claim]) -> Mapping[uuid.UUID, W]: ...

    async def perform(self, work: W) -> Outcome[R]: ...

    def commit(self, outcomes: Sequence[tuple[Claim, Outcome[R]]]) -> None: ...

    def bury(self, claims: Sequence[tuple[Claim, str]]) -> None: ...
