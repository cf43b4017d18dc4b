"""Who gets the free slots of a kind, so that no lane makes the others wait. Pure.

A lane alone may fill all `limit` slots. A tenth more is kept for lanes that come later, so that one
whose jobs hang does not shut the door. Among lanes with due jobs the one that holds least is next.
"""

import heapq
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True, order=True)
class Lane:
    """Due jobs of one kind with the same priority and lane."""

    priority: int
    lane: uuid.UUID


def share_out(
    due: Iterable[Lane], held: Mapping[uuid.UUID, int], *, limit: int, lane_limit: int
) -> dict[Lane, int]:
    """How many jobs to claim of each lane, when each lane already holds `held` of them.

    Lower priority numbers are served first; within one, slots go round.
    """
    counts = dict(held)
    room = limit + max(1, limit // 10) - sum(counts.values())
    shares: dict[Lane, int] = {}
    for _, lanes in groupby(sorted(due), key=lambda lane: lane.priority):
        waiting = [(counts.get(lane.lane, 0), lane) for lane in lanes]
        heapq.heapify(waiting)
        while room > 0 and waiting:
            count, lane = waiting[0]
            if count >= lane_limit:
                break  # and so has every other: this one holds least
            heapq.heapreplace(waiting, (count + 1, lane))
            counts[lane.lane] = count + 1
            shares[lane] = shares.get(lane, 0) + 1
            room -= 1
    return shares
