"""What a process keeps in memory, looked at again whenever its revision has risen.

A value is held with the revision that was current before its load began. So a load that overlaps a
change is never taken for a newer one, and who asks after a change was committed gets the change.
"""

from collections.abc import Callable, Hashable
from functools import partial

from common.coalesce import Coalesced
from organisations import revisions

_revisions = Coalesced(revisions.current)


class Remembered[K: Hashable, V]:
    """`load(key)`'s values (sync, in a thread) for as long as the counter `revision` stands."""

    def __init__(self, revision: str, load: Callable[[K], V], *, most: int = 10_000) -> None:
        """At most about `most` values are kept."""
        self._revision = revision
        self._load = load
        self._most = most
        self._held: dict[K, tuple[int, V]] = {}
        self._loading: dict[K, Coalesced[V]] = {}

    async def get(self, key: K) -> V:
        """The value of `key`, no older than this call. Raises what the load raises."""
        revision = (await _revisions.value()).get(self._revision, 0)
        held = self._held.get(key)
        if held is not None and held[0] == revision:
            return held[1]
        return await self._load_anew(key, revision)

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
