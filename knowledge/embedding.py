"""The job that embeds some chunks of a document: their vectors, and with the last ones the
document's end, in one commit. What was committed is never embedded again."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inference.origin import Origin
from inference.services import embed
from jobs.handlers import Claim, Outcome, Permanent, subjects
from knowledge.chunks import pack_vectors, store_vectors
from knowledge.documents import (
    fail_document,
    find_unfinished,
    finish_document,
    lock_unfinished,
)
from knowledge.failures import is_final, reason_of
from knowledge.models import Chunk, Document, Index
from organisations.actor import Actor, system
from vocabulary.embeddings import EmbeddingRequest
from vocabulary.errors import DomainError, UpstreamUnavailable
from vocabulary.json import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """Texts of chunks without vectors. `dimensions` are the index's, once it has any vector."""

    actor: Actor
    model: str
    dimensions: int | None
    chunks: tuple[uuid.UUID, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vectors:
    """By chunk, packed."""

    dimensions: int
    by_chunk: Mapping[uuid.UUID, bytes]


class Embed:
    """`knowledge.embed`; the job's subject is the document, its payload the positions.

    The builtin model computes one batch at a time, also for those who wait for an answer: few lots
    are asked for at once, and of one organisation fewer.
    """

    limit = 4
    lane_limit = 3

    def load(self, claims: Sequence[Claim]) -> Mapping[uuid.UUID, Lot]:
        """Documents that are done or failed, and lots that have their vectors, are left out."""
        found = find_unfinished(subjects(claims))
        lots = {c.id: _load(found[c.subject], c) for c in claims if c.subject in found}
        return {job: lot for job, lot in lots.items() if lot.chunks}

    async def perform(self, work: Lot) -> Outcome[Vectors]:
        try:
            response = await embed(
                work.actor,
                EmbeddingRequest(model=work.model, inputs=work.texts),
                Origin(purpose="embedding"),
            )
        except DomainError as error:
            if is_final(error):
                raise Permanent(error.message) from error
            raise
        return Outcome(result=_pack(work, response.vectors))

    def commit(self, outcomes: Sequence[tuple[Claim, Outcome[Vectors]]]) -> None:
        found = lock_unfinished(subjects(claim for claim, _ in outcomes))
        for claim, outcome in outcomes:
            if claim.subject in found:
                _write(found[claim.subject], outcome.result)
        for document in found.values():
            _finish_if_done(document)

    def bury(self, claims: Sequence[tuple[Claim, str]]) -> None:
        found = lock_unfinished(subjects(claim for claim, _ in claims))
        for claim, error in claims:
            if (document := found.pop(claim.subject, None)) is not None:
                fail_document(document, reason_of(error))


def _load(document: Document, claim: Claim) -> Lot:
    first, end = _whole(claim.payload["first"]), _whole(claim.payload["end"])
    chunks = Chunk.unscoped.filter(
        document=document, vector=None, position__gte=first, position__lt=end
    )
    rows = list(chunks.order_by("position").values_list("pk", "text"))
    return Lot(
        actor=system(document.organisation_id, "knowledge"),
        model=document.index.model,
        dimensions=document.index.dimensions,
        chunks=tuple(key for key, _ in rows),
        texts=tuple(text for _, text in rows),
    )


def _pack(work: Lot, vectors: Sequence[Sequence[float]]) -> Vectors:
    if len(vectors) != len(work.chunks):
        raise UpstreamUnavailable(f"{len(vectors)} vectors came for {len(work.chunks)} texts")
    dimensions = len(vectors[0])
    if work.dimensions not in (None, dimensions):
        raise Permanent(f"vectors of {dimensions} dimensions came, not of {work.dimensions}")
    try:
        packed = pack_vectors(vectors)
    except ValueError as error:
        raise Permanent(str(error)) from error
    return Vectors(dimensions=dimensions, by_chunk=dict(zip(work.chunks, packed, strict=True)))


def _write(document: Document, vectors: Vectors) -> None:
    Index.unscoped.filter(pk=document.index_id, dimensions=None).update(
        dimensions=vectors.dimensions
    )
    store_vectors(vectors.by_chunk)


def _finish_if_done(document: Document) -> None:
    """Whoever commits meanwhile waits for the index's lock, and sees what this one wrote."""
    if not Chunk.unscoped.filter(document=document, vector=None).exists():
        finish_document(document)


def _whole(value: Json) -> int:
    return int(str(value))
