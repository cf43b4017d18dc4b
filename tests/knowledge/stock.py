"""Embedded documents made without a task: rows as an embedding leaves them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from files.models import Bucket
from knowledge.models import Chunk, Document, DocumentStatus, Index, IndexState
from knowledge.vectors.loading import Source
from organisations.actor import Actor, system
from organisations.models import Organisation

type Vectors = NDArray[np.float32]


def make_actor(slug: str) -> Actor:
    return system(Organisation.objects.create(slug=slug, name=slug).pk)


def make_index(
    actor: Actor, name: str = "docs", *, model: str = "builtin/minilm", dimensions: int = 4
) -> Index:
    bucket = Bucket.objects.create(organisation_id=actor.organisation_id, name=name)
    return Index.objects.create(
        organisation_id=actor.organisation_id,
        bucket=bucket,
        asked_model=model,
        model=model,
        dimensions=dimensions,
        state=IndexState.ACTIVE,
    )


def add_document(
    index: Index,
    path: str,
    vectors: Vectors,
    texts: Sequence[str] = (),
    *,
    metadata: Mapping[str, Any] | None = None,
    status: str = DocumentStatus.EMBEDDED,
) -> Document:
    """One whose chunks have these vectors; the index's revision rises."""
    owner = index.organisation_id
    document = Document.objects.create(
        organisation_id=owner,
        index=index,
        path=path,
        checksum="c" * 64,
        status=status,
        chunk_count=len(vectors),
    )
    Chunk.objects.bulk_create(
        Chunk(
            organisation_id=owner,
            document=document,
            index=index,
            position=position,
            text=texts[position] if texts else f"{path} {position}",
            metadata=metadata or {},
            vector=vector.astype("<f4").tobytes(),
        )
        for position, vector in enumerate(vectors)
    )
    raise_revision(index)
    return document


def raise_revision(index: Index) -> None:
    index.revision += 1
    index.save(update_fields=["revision"])


def source_of(index: Index) -> Source:
    return Source(index.organisation_id, index.pk, index.revision, index.dimensions or 0)


def random_units(count: int, dimensions: int = 4, seed: int = 1) -> Vectors:
    made = np.random.default_rng(seed).standard_normal((count, dimensions), np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)
