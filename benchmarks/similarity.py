"""`python -m benchmarks.similarity`: search among 100,000 chunks of one tenant of several.

Without HTTP and without embedding the question. `BENCH_CHUNKS` (100000) is how many; the other
tenants have a tenth each. Where PostgreSQL has the extension `vector`, its index is measured too,
with its recall against the exact search.
"""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from statistics import median, quantiles
from typing import TYPE_CHECKING, Final

import django
import numpy as np

from benchmarks.store import store

if TYPE_CHECKING:
    from knowledge.vectors.loading import Source
    from knowledge.vectors.matrix import Floats, Hit

CHUNKS: Final = int(os.environ.get("BENCH_CHUNKS", "100000"))
DIMENSIONS: Final = 384
OTHERS: Final = 5
PER_DOCUMENT: Final = 500
TIMES: Final = 100
LIMIT: Final = 10
ALLOWED_MS: Final = 20.0

type Search = Callable[["Floats"], Awaitable[list["Hit"]]]


def main() -> int:
    with store() as env:
        os.environ.update(env)
        django.setup()
        return asyncio.run(measure())


async def measure() -> int:
    from common.db import in_thread
    from knowledge import pgvector
    from knowledge.vectors.cache import MATRICES

    source = await in_thread(fill, "bench", CHUNKS)
    for number in range(OTHERS):
        await in_thread(fill, f"other-{number}", CHUNKS // 10)
    questions = units(TIMES, seed=CHUNKS + 1)
    begun = time.perf_counter()
    await MATRICES.nearest(source, questions[0], LIMIT)
    print(f"{'first search, which loads the vectors':34} {time.perf_counter() - begun:8.2f} s")
    exact, taken = await clock(lambda q: MATRICES.nearest(source, q, LIMIT), questions)
    slow = report("exact, in memory", taken)
    await in_thread(pgvector.accelerate)
    while await in_thread(_is_copying, source):
        await in_thread(pgvector.accelerate)
    if await in_thread(pgvector.is_accelerated, source):
        near, taken = await clock(
            lambda q: in_thread(pgvector.nearest, source, q, LIMIT), questions
        )
        slow |= report(f"pgvector, recall {recall(exact, near):.3f}", taken)
    return int(slow)


def _is_copying(source: "Source") -> bool:
    from knowledge import pgvector

    return bool(pgvector.PRESENCE) and not pgvector.is_accelerated(source)


def fill(name: str, chunks: int) -> "Source":
    """An embedded bucket of an organisation of its own."""
    from files.models import Bucket
    from knowledge.models import Chunk, Document, Index
    from knowledge.pgvector import source_of
    from organisations.services import create_organisation

    owner = create_organisation(name).pk
    bucket = Bucket.objects.create(organisation_id=owner, name="docs")
    index = Index.objects.create(
        organisation_id=owner, bucket=bucket, dimensions=DIMENSIONS, state="active", revision=1
    )
    for start in range(0, chunks, PER_DOCUMENT):
        vectors = units(min(PER_DOCUMENT, chunks - start), seed=start)
        document = Document.objects.create(
            organisation_id=owner,
            index=index,
            path=f"{start}.txt",
            status="embedded",
            chunk_count=len(vectors),
        )
        Chunk.objects.bulk_create(
            Chunk(
                organisation_id=owner,
                index=index,
                document=document,
                position=position,
                text="text",
                vector=vector.tobytes(),
            )
            for position, vector in enumerate(vectors)
        )
    return source_of(index)


def units(count: int, seed: int) -> "Floats":
    """Vectors of length one in a thousand clumps, as those of texts are."""
    centres = np.random.default_rng(7).standard_normal((1_000, DIMENSIONS), np.float32)
    random = np.random.default_rng(seed)
    made = centres[random.integers(0, len(centres), count)]
    made += 0.7 * random.standard_normal((count, DIMENSIONS), np.float32)
    lengths = np.linalg.norm(made, axis=1, keepdims=True)
    return np.asarray(made / lengths, np.float32)


async def clock(search: Search, questions: "Floats") -> tuple[list[list["Hit"]], list[float]]:
    found, taken = [], []
    for question in questions:
        begun = time.perf_counter()
        found.append(await search(question))
        taken.append(1000 * (time.perf_counter() - begun))
    return found, taken


def recall(exact: list[list["Hit"]], near: list[list["Hit"]]) -> float:
    both = [
        {hit.chunk_id for hit in one} & {hit.chunk_id for hit in other}
        for one, other in zip(exact, near, strict=True)
    ]
    return sum(map(len, both)) / sum(map(len, exact))


def report(name: str, taken: list[float]) -> bool:
    """Whether the median is too slow."""
    p50, p95 = median(taken), quantiles(taken, n=20)[-1]
    is_slow = p50 > ALLOWED_MS
    print(f"{name:34} {p50:8.2f} ms, p95 {p95:.2f} ms {'  too slow' if is_slow else ''}")
    return is_slow


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.exit(main())
