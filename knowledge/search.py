"""Search of embedded buckets by meaning: the chunks whose vectors are nearest to the question's.

Where the model that made the vectors is not installed, the words themselves are looked for
(`knowledge.keywords`), and every match says so: its `model` is `keywords`.
"""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from common.db import in_thread
from inference.origin import Origin
from inference.services import embed
from knowledge import keywords, pgvector
from knowledge.models import Chunk, DocumentStatus, Index, IndexState
from knowledge.sources import find_urls
from knowledge.vectors.cache import MATRICES
from knowledge.vectors.loading import Source
from knowledge.vectors.matrix import Floats, Hit, unit
from organisations.actor import Actor
from vocabulary.embeddings import EmbeddingRequest
from vocabulary.errors import Conflict, InvalidRequest, NotFound, NotInstalled
from vocabulary.json import JsonObject

MOST_QUERY = 10_000  # characters
MOST_MATCHES = 100
ATTEMPTS = 3
"""Searches of an index that changes meanwhile, before a shorter list will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A chunk that was found. `distance` is the cosine distance, 0 to 2; `model` made the vectors,
    or is `keywords`; `checksum` is the file's SHA-256; `metadata` what the loader knows.

    `url` is where a crawled page stands; empty for other files.
    """

    text: str
    distance: float
    bucket: str
    path: str
    checksum: str
    model: str
    metadata: JsonObject
    url: str = ""

    @property
    def certainty(self) -> float:
        """1 for the same direction, 0 for the opposite one."""
        return 1 - self.distance / 2


@dataclass(frozen=True, slots=True)
class Searched:
    """The index of a bucket; `is_accelerated` if PostgreSQL's own index is up to date with it."""

    bucket: str
    model: str
    source: Source
    is_accelerated: bool


async def search(
    actor: Actor, bucket_name: str, query: str, *, limit: int = 3, origin: Origin
) -> list[Match]:
    """The `limit` chunks nearest to `query`, the nearest first.

    Raises `NotFound` for a bucket that is not embedded, `InvalidRequest` for a query that is empty
    or too long, and what the upstream of the embedding model does wrong.
    """
    return await search_all(actor, [bucket_name], query, limit=limit, origin=origin)


async def search_all(
    actor: Actor, bucket_names: Sequence[str], query: str, *, limit: int, origin: Origin
) -> list[Match]:
    """As `search`, in several buckets at once; the query is embedded once for each model."""
    _check_query(query)
    indexes = [await in_thread(get_searched, actor, name) for name in bucket_names]
    models = dict.fromkeys(index.model for index in indexes)
    vectors = {model: await _embed(actor, model, query, origin) for model in models}
    found = await asyncio.gather(
        *(_search(actor, index, vectors[index.model], query, limit) for index in indexes)
    )
    return sorted((m for matches in found for m in matches), key=lambda m: m.distance)[:limit]


def get_searched(actor: Actor, bucket_name: str) -> Searched:
    """Raises `NotFound` unless the bucket has an index that can be searched."""
    index = (
        Index.objects.for_organisation(actor.organisation_id)
        .filter(bucket__name=bucket_name, state=IndexState.ACTIVE)
        .first()
    )
    if index is None:
        raise NotFound(f"there is no embedded bucket '{bucket_name}'")
    source = pgvector.source_of(index)
    return Searched(bucket_name, index.model, source, pgvector.is_accelerated(source))


def _check_query(query: str) -> None:
    if not query.strip():
        raise InvalidRequest("query", "must not be empty")
    if len(query) > MOST_QUERY:
        raise InvalidRequest("query", f"must have at most {MOST_QUERY} characters")


async def _embed(actor: Actor, model: str, query: str, origin: Origin) -> Floats | None:
    """None where the model is not installed."""
    try:
        response = await embed(actor, EmbeddingRequest(model=model, inputs=(query,)), origin)
    except NotInstalled:
        return None
    return unit(response.vectors[0])


async def _search(
    actor: Actor, index: Searched, vector: Floats | None, query: str, limit: int
) -> list[Match]:
    if vector is None:
        hits = await in_thread(keywords.find, index.source, query, limit)
        return (await in_thread(_find_matches, index, hits, keywords.NAME))[:limit]
    for attempt in range(ATTEMPTS):
        if attempt:  # chunks went while they were searched
            index = await in_thread(get_searched, actor, index.bucket)
        hits = await _find_nearest(index, vector, limit)
        matches = await in_thread(_find_matches, index, hits, index.model)
        if len(matches) == len(hits):
            break
    return matches


async def _find_nearest(index: Searched, vector: Floats, limit: int) -> list[Hit]:
    source = index.source
    if not source.dimensions:
        return []  # nothing was embedded yet
    if len(vector) != source.dimensions:
        message = f"'{index.model}' makes other vectors by now; embed '{index.bucket}' again"
        raise Conflict(message)
    if index.is_accelerated:
        hits = await in_thread(pgvector.nearest, source, vector, limit)
        if len(hits) == limit:
            return hits
    return await MATRICES.nearest(source, vector, limit)


def _find_matches(index: Searched, hits: Sequence[Hit], model: str) -> list[Match]:
    """The chunks of these hits that are still there, in their order."""
    rows = Chunk.objects.for_organisation(index.source.organisation_id).filter(
        pk__in=[hit.chunk_id for hit in hits],
        index_id=index.source.index_id,
        document__status=DocumentStatus.EMBEDDED,
    )
    columns = ("text", "metadata", "document__path", "document__checksum")
    found: dict[uuid.UUID, tuple[str, JsonObject, str, str]] = {
        row[0]: row[1:] for row in rows.order_by().values_list("pk", *columns)
    }
    paths = {path for _, _, path, _ in found.values()}
    urls = find_urls(index.source.organisation_id, index.bucket, paths)
    return [
        Match(
            text=text,
            distance=hit.distance,
            bucket=index.bucket,
            path=path,
            checksum=checksum,
            model=model,
            metadata=metadata,
            url=urls.get(path, ""),
        )
        for hit in hits
        if hit.chunk_id in found
        for text, metadata, path, checksum in [found[hit.chunk_id]]
    ]
