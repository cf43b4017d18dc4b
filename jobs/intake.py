"""Taking due jobs: looks at every lane's first job, shares the free slots out, claims."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jobs import queue
from jobs.fairness import share_out
from jobs.handlers import Claim
from jobs.kinds import by_kind, is_known
from jobs.queue import Head

type Held = Mapping[str, Counter[uuid.UUID]]  # kind → lane → jobs in flight


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What was claimed; whether due jobs found no slot; seconds until the next job is due."""

    claims: list[Claim]
    crowded: bool
    next_in: float | None


def take(worker: uuid.UUID, held: Held, *, ahead: bool = False) -> Intake:
    """Claim as many due jobs as there are free slots. `ahead` takes those that are not due, too."""
    heads = [head for head in queue.find_heads() if is_known(head.kind)]
    due = [head for head in heads if ahead or head.wait <= 0]
    claims: list[Claim] = []
    crowded = False
    for kind, lanes in by_kind(due, lambda head: head.kind):
        shares = share_out(
            [head.lane for head in lanes],
            held.get(kind.name, Counter()),
            limit=kind.limit,
            lane_limit=kind.lane_limit,
        )
        crowded |= not shares
        claims += queue.claim(kind.name, shares, worker=worker, deadline=kind.deadline, ahead=ahead)
    return Intake(claims=claims, crowded=crowded, next_in=_next_in(heads))


def _next_in(heads: Iterable[Head]) -> float | None:
    return min((head.wait for head in heads if head.wait > 0), default=None)
