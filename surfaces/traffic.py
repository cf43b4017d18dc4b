"""How many requests were answered, how, and how fast: for the operator's metrics.

Written by the event loop's thread alone, without locks, in about a microsecond a request. Routes
are templates and methods a closed list, so that no caller can make rows without end.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
"""Upper ends of the latency buckets, in seconds; one more bucket has none."""
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER: Final = "other"


class Kind(NamedTuple):
    """`route` is a path with `{name}`s; `status` is its first digit, 0 where the caller went before
    there was one."""

    surface: str
    method: str
    route: str
    status: int


@dataclass(slots=True)
class Row:
    """How many requests of a kind fell into each bucket, and the sum of their seconds."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0


class Traffic:
    """The requests of one process."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str, int], Row] = {}

    def note(self, surface: str, method: str, route: str, status: int, seconds: float) -> None:
        key = (surface, method, route, status // 100)
        row = self._rows.get(key) or self._open(key)
        row.buckets[bisect_left(BOUNDS, seconds)] += 1
        row.seconds += seconds

    def rows(self) -> Iterator[tuple[Kind, Row]]:
        """From any thread."""
        for key, row in list(self._rows.items()):
            yield Kind(*key), row

    def _open(self, key: tuple[str, str, str, int]) -> Row:
        surface, method, route, status = key
        if method not in METHODS:
            key = (surface, OTHER, route, status)
        return self._rows.setdefault(key, Row())


TRAFFIC: Final = Traffic()
