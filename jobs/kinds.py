"""The kinds of jobs that this process knows, each with its handler and what bounds it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings

from common import plugboard
from jobs.handlers import Handler

DEADLINE = 600.0  # seconds that one attempt may take


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of job. `limit` and `lane_limit` bound what one process has in flight."""

    name: str
    handler: Handler[Any, Any]
    limit: int
    lane_limit: int
    deadline: float


def is_known(name: str) -> bool:
    """Jobs of a kind that is not stay queued, for a process that knows it."""
    return plugboard.row("JOBS", name) is not None


def get_kind(name: str) -> Kind:
    handler = _handler(settings.JOBS[name])
    limit = min(handler.limit, settings.JOB_CONCURRENCY)
    return Kind(
        name=name,
        handler=handler,
        limit=limit,
        lane_limit=min(limit, getattr(handler, "lane_limit", limit)),
        deadline=getattr(handler, "deadline", DEADLINE),
    )


def by_kind[T](items: Iterable[T], name: Callable[[T], str]) -> Iterator[tuple[Kind, list[T]]]:
    """`items` grouped by the kind whose name `name` says."""
    groups: dict[str, list[T]] = defaultdict(list)
    for item in items:
        groups[name(item)].append(item)
    for kind, group in groups.items():
        yield get_kind(kind), group


@cache
def _handler(path: str) -> Handler[Any, Any]:
    handler: Handler[Any, Any] = plugboard.load(path)()
    return handler
