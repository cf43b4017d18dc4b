"""Exact search: what is found, how it is kept in memory, and for how long."""

import asyncio
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from common.db import in_thread
from knowledge.models import Document, Index
from knowledge.vectors import loading
from knowledge.vectors.cache import Matrices
from knowledge.vectors.loading import Source
from knowledge.vectors.matrix import unit
from organisations.actor import Actor
from tests.knowledge.stock import (
    Vectors,
    add_document,
    make_actor,
    make_index,
    raise_revision,
    random_units,
    source_of,
)

ROOMY = 10_000_000


@pytest.fixture
def actor(transactional_db: None) -> Actor:
    return make_actor("acme")


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many chunks each read of the database brought."""
    counted: list[int] = []
    read = loading._read

    def counting(source: Source, span: Any) -> Any:
        batch = read(source, span)
        counted.append(len(batch.keys))
        return batch

    monkeypatch.setattr(loading, "_read", counting)
    return counted


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(loading, "BATCH", 7)
    yield


async def ask(matrices: Matrices, index: Index, vector: Vectors, limit: int = 5) -> list[Any]:
    return await matrices.nearest(source_of(index), vector, limit)


def fill(actor: Actor, name: str, sizes: list[int], seed: int = 1) -> tuple[Index, Vectors]:
    """An index of documents of so many chunks, and all its vectors in their order."""
    index = make_index(actor, name)
    vectors = random_units(sum(sizes), seed=seed)
    start = 0
    for number, size in enumerate(sizes):
        add_document(index, f"{number}.txt", vectors[start : start + size])
        start += size
    return index, vectors


async def test_the_nearest_come_first_with_their_cosine_distance(actor: Actor):
    index, vectors = await in_thread(fill, actor, "docs", [3, 30, 1])
    question = random_units(1, seed=9)[0]
    hits = await ask(Matrices(lambda: ROOMY), index, question)
    exact = np.sort(1 - vectors @ question)[:5]
    assert [hit.distance for hit in hits] == pytest.approx(exact.tolist(), abs=1e-6)


async def test_fewer_chunks_than_asked_for_are_all_found(actor: Actor):
    index, _ = await in_thread(fill, actor, "docs", [2])
    assert len(await ask(Matrices(lambda: ROOMY), index, random_units(1)[0], 100)) == 2


async def test_an_index_without_documents_has_no_hits(actor: Actor):
    index = await in_thread(make_index, actor)
    assert await ask(Matrices(lambda: ROOMY), index, random_units(1)[0]) == []


@pytest.mark.usefixtures("small_batches")
async def test_a_load_comes_in_bounded_batches(actor: Actor, reads: list[int]):
    index, vectors = await in_thread(fill, actor, "docs", [3, 3, 3, 20])
    hits = await ask(Matrices(lambda: ROOMY), index, vectors[28], 29)
    assert max(reads) <= 7 and sum(reads) == 29
    assert len({hit.chunk_id for hit in hits}) == 29


async def test_only_embedded_documents_are_searched(actor: Actor):
    index, _ = await in_thread(fill, actor, "docs", [2])
    await in_thread(add_document, index, "p.txt", random_units(3), status="processing")
    assert len(await ask(Matrices(lambda: ROOMY), index, random_units(1)[0])) == 2


async def test_what_is_in_memory_is_not_read_again(actor: Actor, reads: list[int]):
    index, vectors = await in_thread(fill, actor, "docs", [5])
    matrices = Matrices(lambda: ROOMY)
    for _ in range(3):
        await ask(matrices, index, vectors[0])
    assert reads == [5]


async def test_callers_who_come_together_share_a_load(actor: Actor, reads: list[int]):
    index, vectors = await in_thread(fill, actor, "docs", [5])
    matrices = Matrices(lambda: ROOMY)
    found = await asyncio.gather(*(ask(matrices, index, vectors[0]) for _ in range(5)))
    assert reads == [5]
    assert all(hits == found[0] for hits in found)


async def test_a_caller_who_leaves_does_not_end_the_load_of_others(actor: Actor):
    index, vectors = await in_thread(fill, actor, "docs", [5])
    matrices = Matrices(lambda: ROOMY)
    impatient = asyncio.create_task(ask(matrices, index, vectors[0]))
    patient = asyncio.create_task(ask(matrices, index, vectors[0]))
    await asyncio.sleep(0)
    impatient.cancel()
    assert len(await patient) == 5


async def test_only_what_is_new_is_read_and_what_is_gone_is_forgotten(
    actor: Actor, reads: list[int]
):
    index, vectors = await in_thread(fill, actor, "docs", [4, 6])
    matrices = Matrices(lambda: ROOMY)
    await ask(matrices, index, vectors[0])
    reads.clear()

    def change() -> None:
        Document.unscoped.get(path="0.txt").delete()
        add_document(index, "new.txt", random_units(2, seed=5))

    await in_thread(change)
    question = random_units(1, seed=3)[0]
    hits = await ask(matrices, index, question, 100)
    assert reads == [2]
    assert hits == await ask(Matrices(lambda: ROOMY), index, question, 100)
    assert len(hits) == 8


async def test_an_older_load_does_not_take_the_place_of_a_newer_one(actor: Actor):
    index, vectors = await in_thread(fill, actor, "docs", [4])
    matrices = Matrices(lambda: ROOMY)
    old = source_of(index)
    await in_thread(add_document, index, "new.txt", random_units(2, seed=5))
    assert len(await ask(matrices, index, vectors[0], 100)) == 6
    assert len(await matrices.nearest(old, vectors[0], 100)) == 6


async def test_memory_is_bounded_and_the_longest_unused_goes(actor: Actor, reads: list[int]):
    indexes = [await in_thread(fill, actor, f"b{n}", [10]) for n in range(3)]
    matrices = Matrices(lambda: 2 * 10 * (4 * 4 + 20) + 40)
    for index, vectors in indexes:
        await ask(matrices, index, vectors[0])
    assert matrices.size <= 2 * 10 * 36 + 40
    reads.clear()
    await ask(matrices, indexes[2][0], indexes[2][1][0])
    assert reads == []
    await ask(matrices, indexes[0][0], indexes[0][1][0])
    assert reads == [10]


@pytest.mark.usefixtures("small_batches")
async def test_an_index_too_large_for_memory_is_still_searched(actor: Actor, reads: list[int]):
    index, vectors = await in_thread(fill, actor, "docs", [5, 5, 30])
    matrices = Matrices(lambda: 100)
    hits = await ask(matrices, index, vectors[17])
    assert hits == await ask(Matrices(lambda: ROOMY), index, vectors[17])
    assert matrices.size == 0
    assert max(reads) <= 7


async def test_a_chunk_with_a_vector_of_another_length_is_passed_over(actor: Actor):
    index, vectors = await in_thread(fill, actor, "docs", [4])
    await in_thread(add_document, index, "odd.txt", random_units(2, 3))
    assert len(await ask(Matrices(lambda: ROOMY), index, vectors[0], 100)) == 4


async def test_an_index_that_changes_while_it_is_read_is_read_again(
    actor: Actor, monkeypatch: pytest.MonkeyPatch
):
    index, vectors = await in_thread(fill, actor, "docs", [4])
    load = loading.load

    async def interrupted(*asked: Any) -> Any:
        monkeypatch.setattr(loading, "load", load)
        matrix = await load(*asked)
        await in_thread(lambda: Document.unscoped.get(path="0.txt").delete())
        await in_thread(add_document, index, "0.txt", vectors)
        return matrix

    monkeypatch.setattr(loading, "load", interrupted)
    source = source_of(index)
    hits = await Matrices(lambda: ROOMY).nearest(source, vectors[0], 100)
    there = await in_thread(
        lambda: set(Document.unscoped.get().chunks.values_list("pk", flat=True))
    )
    assert {hit.chunk_id for hit in hits} == there


def test_a_vector_is_made_of_length_one():
    assert unit((3.0, 4.0)).tolist() == pytest.approx([0.6, 0.8])
    assert unit((0.0, 0.0)).tolist() == [0.0, 0.0]


async def test_a_revision_alone_costs_no_read_of_chunks(actor: Actor, reads: list[int]):
    index, vectors = await in_thread(fill, actor, "docs", [4])
    matrices = Matrices(lambda: ROOMY)
    await ask(matrices, index, vectors[0])
    await in_thread(raise_revision, index)
    await ask(matrices, index, vectors[0])
    assert reads == [4]
