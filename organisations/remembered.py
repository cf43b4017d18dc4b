"""What a process keeps in memory, looked at again whenever its revision has risen.

A value is held with the revision that was current before its load began. So a load that overlaps a
change is never taken for a newer one, and who asks after a change was committed gets the change.
"""

from collections.abc import Callable, Hashable, Mapping
from contextvars import ContextVar
from functools import partial

from common.coalesce import Coalesced
from organisations import revisions

_counters = Coalesced(revisions.current)
_seen: ContextVar[Mapping[str, int] | None] = ContextVar("revisions", default=None)


async def begin_request() -> None:
    """Look at the counters now; what else this task asks for goes by them and costs no query."""
    _seen.set(await _counters.value())


class Remembered[K: Hashable, V]:
    """`load(key)`'s values (sync, in a thread) for as long as the counter `revision` stands."""

    def __init__(self, revision: str, load: Callable[[K], V], *, most: int = 10_000) -> None:
        """About `most` values are kept."""
        self._revision = revision
        self._load = load
        self._most = most
        self._held: dict[K, tuple[int, V]] = {}
        self._loading: dict[K, Coalesced[V]] = {}

    async def get(self, key: K) -> V:
        """The value of `key`, no older than this call, or than the request that the call is part
        of. Raises what the load raises."""
        revision = await self._current()
        held = self._held.get(key)
        if held is not None and held[0] >= revision:
            return held[1]
        return await self._load_anew(key, revision)

    async def renew(self, key: K) -> V:
        """The value of `key`, loaded now."""
        return await self._load_anew(key, await self._current())

    async def _current(self) -> int:
        counters = _seen.get()
        if counters is None:
            counters = await _counters.value()
        return counters.get(self._revision, 0)

    async def _load_anew(self, key: K, revision: int) -> V:
        """Callers that come together share a load."""
        loading = self._loading.setdefault(key, Coalesced(partial(self._load, key)))
        try:
            value = await loading.value()
        finally:
            self._loading.pop(key, None)
        if len(self._held) >= self._most:
            self._held.clear()
        self._held[key] = (revision, value)
        return value
