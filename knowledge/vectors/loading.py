"""Reads the vectors of an index from the database, a bounded batch at a time.

A document's chunks never change once it is embedded, so what is in memory already is kept and only
new documents are read.
"""

import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from common.db import in_thread
from knowledge.models import Chunk, Document, DocumentStatus
from knowledge.vectors.matrix import FLOAT, KEY_BYTES, Floats, Keys, Matrix, Owners, read_vectors

BATCH = 2_000
"""Chunks in memory beside the matrix, with their vectors as bytes."""
MOST_DOCUMENTS = 500  # ids in one query


@dataclass(frozen=True, slots=True)
class Source:
    """Which vectors: those of the embedded documents of an index, as its `revision` has them."""

    organisation_id: uuid.UUID
    index_id: uuid.UUID
    revision: int
    dimensions: int


@dataclass(frozen=True, slots=True)
class Batch:
    keys: Keys
    vectors: Floats
    owners: tuple[uuid.UUID, ...]


type Counts = dict[uuid.UUID, int]
"""How many chunks each document has."""


async def find_documents(source: Source) -> Counts:
    return await in_thread(_find_documents, source)


async def load(source: Source, wanted: Counts, held: Matrix | None) -> Matrix:
    """The matrix of the `wanted` documents, with what `held` has of them."""
    building = _Building(source.dimensions, sum(wanted.values()))
    if held is not None:
        await in_thread(building.take, held, wanted)
    missing = {key: count for key, count in wanted.items() if key not in building.places}
    async for batch in read_batches(source, missing):
        await in_thread(building.add, batch)
    return building.matrix(tuple(wanted))


async def read_batches(source: Source, documents: Counts) -> AsyncIterator[Batch]:
    """All chunks of these documents that have vectors."""
    for span in _spans(documents):
        batch = await in_thread(_read, source, span)
        if len(batch.keys):
            yield batch


@dataclass(frozen=True, slots=True)
class _Span:
    """Documents, and which of their chunks: from `start` up to before `end`, by position."""

    documents: tuple[uuid.UUID, ...]
    start: int = 0
    end: int | None = None


def _spans(documents: Counts) -> Iterator[_Span]:
    """Small documents together, a large one in pieces."""
    together: list[uuid.UUID] = []
    count = 0
    for document, chunks in documents.items():
        if chunks > BATCH:
            yield from _pieces(document, chunks)
            continue
        if together and (count + chunks > BATCH or len(together) == MOST_DOCUMENTS):
            yield _Span(tuple(together))
            together, count = [], 0
        together.append(document)
        count += chunks
    if together:
        yield _Span(tuple(together))


def _pieces(document: uuid.UUID, chunks: int) -> Iterator[_Span]:
    for start in range(0, chunks, BATCH):
        end = start + BATCH
        yield _Span((document,), start, end if end < chunks else None)


def _find_documents(source: Source) -> Counts:
    documents = Document.objects.for_organisation(source.organisation_id).filter(
        index_id=source.index_id, status=DocumentStatus.EMBEDDED
    )
    return dict(documents.order_by("id").values_list("id", "chunk_count"))


def _read(source: Source, span: _Span) -> Batch:
    chunks = Chunk.objects.for_organisation(source.organisation_id).filter(
        document_id__in=span.documents, position__gte=span.start, vector__isnull=False
    )
    if span.end is not None:
        chunks = chunks.filter(position__lt=span.end)
    wanted = source.dimensions * FLOAT.itemsize
    found = [
        row
        for row in chunks.order_by().values_list("id", "document_id", "vector")
        if row[2] is not None and len(row[2]) == wanted
    ]
    return Batch(
        keys=_read_keys([row[0] for row in found]),
        vectors=read_vectors((row[2] for row in found), source.dimensions),
        owners=tuple(row[1] for row in found),
    )


def _read_keys(ids: Sequence[uuid.UUID]) -> Keys:
    joined = b"".join(id.bytes for id in ids)
    return np.frombuffer(joined, np.uint8).reshape(-1, KEY_BYTES)


class _Building:
    """A matrix as far as it is filled. Its room is made once where the counts were right."""

    def __init__(self, dimensions: int, rows: int) -> None:
        self.places: dict[uuid.UUID, int] = {}
        self._rows = 0
        self._keys = np.empty((rows, KEY_BYTES), np.uint8)
        self._vectors = np.empty((rows, dimensions), FLOAT)
        self._owners = np.empty(rows, np.int32)

    def take(self, held: Matrix, wanted: Counts) -> None:
        """Keep what `held` has of the wanted documents."""
        places = [self._place(key) if key in wanted else -1 for key in held.documents]
        owners = np.asarray(places, np.int32)[held.owners]
        kept = owners >= 0
        self._append(held.keys[kept], held.vectors[kept], owners[kept])

    def add(self, batch: Batch) -> None:
        owners = np.asarray([self._place(key) for key in batch.owners], np.int32)
        self._append(batch.keys, batch.vectors, owners)

    def matrix(self, documents: tuple[uuid.UUID, ...]) -> Matrix:
        """`documents` is all that was looked for; some may have no vectors."""
        for document in documents:
            self._place(document)
        rows = slice(self._rows)
        return Matrix(self._keys[rows], self._vectors[rows], self._owners[rows], tuple(self.places))

    def _place(self, document: uuid.UUID) -> int:
        return self.places.setdefault(document, len(self.places))

    def _append(self, keys: Keys, vectors: Floats, owners: Owners) -> None:
        end = self._rows + len(keys)
        if end > len(self._keys):
            self._grow(end)
        self._keys[self._rows : end] = keys
        self._vectors[self._rows : end] = vectors
        self._owners[self._rows : end] = owners
        self._rows = end

    def _grow(self, rows: int) -> None:
        more = max(rows, len(self._keys) * 5 // 4) - self._rows
        keys = np.empty((more, KEY_BYTES), np.uint8)
        self._keys = np.concatenate([self._keys[: self._rows], keys])
        wide = np.empty((more, self._vectors.shape[1]), FLOAT)
        self._vectors = np.concatenate([self._vectors[: self._rows], wide])
        self._owners = np.concatenate([self._owners[: self._rows], np.empty(more, np.int32)])
