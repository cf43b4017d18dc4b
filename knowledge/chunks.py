"""The rows of chunks: put in without vectors, which come later, some at a time."""

import uuid
from collections.abc import Mapping, Sequence

import numpy as np

from common import clock, ids
from common.bulk import BulkInsert
from knowledge.chunking import Piece
from knowledge.models import Chunk, Document

_ROWS = BulkInsert(
    Chunk,
    (
        "id", "created_at", "organisation_id", "document_id", "index_id", "position", "text",
        "metadata", "vector",
    ),
)  # fmt: skip


def insert_chunks(document: Document, pieces: Sequence[Piece]) -> None:
    """Instead of any that the document had."""
    Chunk.unscoped.filter(document=document).delete()
    now, of = clock.now(), (document.organisation_id, document.pk, document.index_id)
    _ROWS.insert(
        (ids.new_uuid(), now, *of, position, piece.text, dict(piece.metadata), None)
        for position, piece in enumerate(pieces)
    )


def store_vectors(vectors: Mapping[uuid.UUID, bytes]) -> None:
    """Vectors, packed, by chunk. Chunks that are gone are passed over."""
    rows = [Chunk(pk=chunk, vector=vector) for chunk, vector in vectors.items()]
    Chunk.unscoped.bulk_update(rows, ["vector"], batch_size=100)


def pack_vectors(vectors: Sequence[Sequence[float]]) -> list[bytes]:
    """Each as little-endian float32 of length one. `ValueError` for what has no direction."""
    matrix = np.asarray(vectors, dtype=np.float64)
    lengths = np.linalg.norm(matrix, axis=-1, keepdims=True)
    if matrix.ndim != 2 or not np.isfinite(lengths).all() or not (lengths > 0).all():
        raise ValueError("vectors of one length, and none of them zero, were to come")
    return [row.tobytes() for row in (matrix / lengths).astype("<f4")]
