"""The matrices that searches have used lately, kept in this process's memory up to a bound.

One is true as of the revision of its index; a search that knows a newer one brings it up to date.
An index too large to be kept is read anew by each search: that takes seconds, and no memory.
"""

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from heapq import nsmallest
from threading import Lock

import numpy as np
from django.conf import settings

from knowledge.vectors import loading
from knowledge.vectors.loading import Batch, Counts, Source
from knowledge.vectors.matrix import FLOAT, KEY_BYTES, Floats, Hit, Matrix

THREADS = 2
ATTEMPTS = 3
"""Loads of an index that changes meanwhile, before one that is a little old will do."""
_ROW_EXTRA = KEY_BYTES + 4  # bytes beside the vector
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="vectors")

type _Place = tuple[asyncio.AbstractEventLoop, uuid.UUID, int]


class Matrices:
    """Searches by the matrices it keeps; `most` says how many bytes they may have in all, those
    that are being loaded included."""

    def __init__(self, most: Callable[[], int]) -> None:
        self._most = most
        self._lock = Lock()
        self._held: OrderedDict[uuid.UUID, tuple[int, Matrix]] = OrderedDict()
        self._reserved: dict[_Place, int] = {}
        self._loading: dict[_Place, asyncio.Task[Matrix | None]] = {}

    async def nearest(self, source: Source, vector: Floats, limit: int) -> list[Hit]:
        """The chunks nearest to `vector` (of length one), the nearest first."""
        matrix = self._find(source) or await self._load_together(source)
        if matrix is None:
            return await _scan(source, vector, limit)
        return await _in_thread(matrix, vector, limit)

    @property
    def size(self) -> int:
        """Bytes held."""
        with self._lock:
            return sum(matrix.size for _, matrix in self._held.values())

    def _find(self, source: Source) -> Matrix | None:
        with self._lock:
            revision, matrix = self._held.get(source.index_id, (-1, None))
            if revision < source.revision:
                return None
            self._held.move_to_end(source.index_id)
            return matrix

    async def _load_together(self, source: Source) -> Matrix | None:
        """Who asks for the same waits for the same load; one who leaves does not end it."""
        place = (asyncio.get_running_loop(), source.index_id, source.revision)
        task = self._loading.get(place)
        if task is None:
            task = self._loading[place] = asyncio.create_task(self._load(place, source))
            task.add_done_callback(lambda _: self._loading.pop(place))
        return await asyncio.shield(task)

    async def _load(self, place: _Place, source: Source) -> Matrix | None:
        """None for what is too large to be kept."""
        wanted = await loading.find_documents(source)
        try:
            for _ in range(ATTEMPTS):
                if not self._reserve(place, _size(source, wanted)):
                    return None
                matrix = await loading.load(source, wanted, self._stale(source))
                wanted, loaded = await loading.find_documents(source), wanted
                if wanted.keys() == loaded.keys():
                    break
            self._hold(source, matrix)
            return matrix
        finally:
            with self._lock:
                self._reserved.pop(place, None)

    def _stale(self, source: Source) -> Matrix | None:
        with self._lock:
            return self._held.get(source.index_id, (0, None))[1]

    def _reserve(self, place: _Place, size: int) -> bool:
        """Make room for a matrix to come; False where there cannot be enough."""
        with self._lock:
            others = sum(own for key, own in self._reserved.items() if key != place)
            room = self._most() - size - others
            if room < 0:
                return False
            self._shrink(room)
            self._reserved[place] = size
            return True

    def _hold(self, source: Source, matrix: Matrix) -> None:
        with self._lock:
            if self._held.get(source.index_id, (-1, None))[0] > source.revision:
                return  # a later load was faster
            self._held.pop(source.index_id, None)
            self._shrink(self._most() - matrix.size)
            self._held[source.index_id] = (source.revision, matrix)

    def _shrink(self, room: int) -> None:
        """Forget those unused for longest, until the rest fits."""
        used = sum(matrix.size for _, matrix in self._held.values())
        while self._held and used > room:
            _, (_, forgotten) = self._held.popitem(last=False)
            used -= forgotten.size


def _size(source: Source, documents: Counts) -> int:
    return sum(documents.values()) * (source.dimensions * FLOAT.itemsize + _ROW_EXTRA)


async def _scan(source: Source, vector: Floats, limit: int) -> list[Hit]:
    """As `Matrix.nearest`, with no more than a batch in memory."""
    best: list[Hit] = []
    documents = await loading.find_documents(source)
    async for batch in loading.read_batches(source, documents):
        hits = await _in_thread(_as_matrix(batch), vector, limit)
        best = nsmallest(limit, best + hits, key=lambda hit: hit.distance)
    return best


def _as_matrix(batch: Batch) -> Matrix:
    return Matrix(batch.keys, batch.vectors, np.zeros(len(batch.keys), np.int32), ())


async def _in_thread(matrix: Matrix, vector: Floats, limit: int) -> list[Hit]:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, matrix.nearest, vector, limit)


MATRICES = Matrices(lambda: settings.VECTOR_CACHE_BYTES)
