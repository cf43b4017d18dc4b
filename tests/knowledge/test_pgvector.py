"""Large indexes in PostgreSQL's extension `vector`: complete before use, and rarely wrong.

The first test starts a server that has the extension and runs the others on it. They run by
themselves wherever the database of the tests has it.
"""

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from django.db import connection

from common.db import in_thread
from inference.origin import Origin
from knowledge import pgvector, search
from knowledge.models import Document, Index, IndexState
from knowledge.vectors.cache import Matrices
from organisations.actor import Actor
from tests.journeys.live import ROOT
from tests.knowledge.stock import (
    Vectors,
    add_document,
    make_actor,
    make_index,
    raise_revision,
    random_units,
    source_of,
)
from tests.knowledge.vector_server import vector_server

ORIGIN = Origin(surface="test")
DIMENSIONS = 32


@pytest.mark.journey
def test_on_a_server_that_has_the_extension():
    with vector_server() as url:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-m", "not journey", "-rs", __file__],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": url},
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stdout[-8_000:]
    assert "skipped" not in done.stdout, done.stdout[-3_000:]


@pytest.fixture
def actor(transactional_db: None, settings: Any) -> Any:
    """One on a database with the extension; indexes are large from 50 chunks on."""
    if connection.vendor != "postgresql" or not _is_available():
        pytest.skip("this database has no extension vector")
    settings.PGVECTOR_FROM_CHUNKS = 50
    pgvector.PRESENCE.forget()
    yield make_actor("acme")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {pgvector.TABLE}, {pgvector.STATE}")
    pgvector.PRESENCE.forget()


def _is_available() -> bool:
    return bool(pgvector._value("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"))


def clustered(count: int, seed: int) -> Vectors:
    """Vectors in clumps, as those of texts are."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((count // 20, DIMENSIONS))
    made = centres[random.integers(0, len(centres), count)]
    made = made + 0.5 * random.standard_normal((count, DIMENSIONS))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def fill(actor: Actor, name: str, count: int, seed: int = 1) -> Index:
    index = make_index(actor, name, dimensions=DIMENSIONS)
    for start, vectors in enumerate(np.array_split(clustered(count, seed), 5)):
        add_document(index, f"{start}.txt", vectors)
    return index


def copied(index: Index) -> int:
    return int(
        pgvector._value(f"SELECT count(*) FROM {pgvector.TABLE} WHERE index_id = %s", index.pk)
    )


def has_hnsw(index: Index) -> bool:
    name = pgvector._name(index.pk)
    return bool(
        pgvector._value("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", name)
    )


def plan(index: Index, vector: Vectors) -> str:
    """How PostgreSQL looks for the nearest."""
    seen: list[str] = []

    def explain(execute: Any, statement: str, values: Any, many: bool, context: Any) -> Any:
        if statement.startswith("SELECT chunk_id"):
            with connection.cursor().cursor.connection.cursor() as cursor:
                cursor.execute("EXPLAIN " + statement, values)
                seen.extend(row[0] for row in cursor.fetchall())
        return execute(statement, values, many, context)

    with connection.execute_wrapper(explain):
        pgvector.nearest(source_of(index), vector, 10)
    return "\n".join(seen)


# -- what is found ------------------------------------------------------------------------------
async def test_recall_is_at_least_99_of_100_with_several_tenants(actor: Actor):
    others = [await in_thread(make_actor, f"org{n}") for n in range(2)]
    indexes = [
        await in_thread(fill, each, "docs", count, seed)
        for seed, (each, count) in enumerate(
            zip([actor, *others], [4_000, 1_500, 500], strict=True)
        )
    ]
    await in_thread(pgvector.accelerate)
    exact = Matrices(lambda: 10**8)
    hit = asked = 0
    for seed, index in enumerate(indexes):
        for question in clustered(40, seed):
            wanted = await exact.nearest(source_of(index), question, 10)
            found = await in_thread(pgvector.nearest, source_of(index), question, 10)
            assert len(found) == 10
            hit += len({h.chunk_id for h in wanted} & {h.chunk_id for h in found})
            asked += 10
    assert hit / asked >= 0.99


def test_a_search_goes_by_the_index_of_its_tenant(actor: Actor):
    index = fill(actor, "docs", 1_500)
    fill(actor, "other", 500, seed=2)
    pgvector.accelerate()
    assert f"Index Scan using {pgvector._name(index.pk)}" in plan(
        index, random_units(1, DIMENSIONS)[0]
    )


def test_distances_are_those_of_the_exact_search(actor: Actor):
    index = fill(actor, "docs", 60)
    pgvector.accelerate()
    question = clustered(60, 1)[7]
    [best, *_] = pgvector.nearest(source_of(index), question, 3)
    assert best.distance == pytest.approx(0, abs=1e-6)


async def test_a_search_of_a_bucket_uses_it(actor: Actor, monkeypatch: pytest.MonkeyPatch):
    async def embedded(*_: Any) -> Any:
        return clustered(60, 1)[7]

    async def never(*_: Any) -> Any:
        raise AssertionError("the vectors themselves were searched")

    monkeypatch.setattr(search, "_embed", embedded)
    monkeypatch.setattr(search.MATRICES, "nearest", never)
    await in_thread(fill, actor, "docs", 60)
    await in_thread(pgvector.accelerate)
    [best, *_] = await search.search(actor, "docs", "anything", origin=ORIGIN)
    assert best.distance == pytest.approx(0, abs=1e-6)


# -- when it is used ----------------------------------------------------------------------------
def test_it_counts_for_the_revision_that_was_copied_and_no_other(actor: Actor):
    index = fill(actor, "docs", 60)
    assert not pgvector.is_accelerated(source_of(index))
    pgvector.accelerate()
    assert pgvector.is_accelerated(source_of(index))
    raise_revision(index)
    assert not pgvector.is_accelerated(source_of(index))
    pgvector.accelerate()
    assert pgvector.is_accelerated(source_of(index))


def test_a_small_index_is_not_copied(actor: Actor):
    index = fill(actor, "docs", 20)
    pgvector.accelerate()
    assert copied(index) == 0 and not pgvector.is_accelerated(source_of(index))


def test_an_index_of_very_long_vectors_is_not_copied(actor: Actor):
    index = make_index(actor, dimensions=2_001)
    add_document(index, "a.txt", random_units(60, 2_001))
    pgvector.accelerate()
    assert copied(index) == 0


def test_copying_goes_on_where_time_ran_out(actor: Actor, monkeypatch: pytest.MonkeyPatch):
    index = fill(actor, "docs", 60)
    monkeypatch.setattr(pgvector, "SECONDS", -1.0)
    pgvector.accelerate()
    assert not pgvector.is_accelerated(source_of(index))
    monkeypatch.setattr(pgvector, "SECONDS", 20.0)
    pgvector.accelerate()
    assert copied(index) == 60 and pgvector.is_accelerated(source_of(index))


def test_an_index_that_changes_while_it_is_copied_is_not_called_complete(
    actor: Actor, monkeypatch: pytest.MonkeyPatch
):
    index = fill(actor, "docs", 60)
    read = pgvector._read_chunks

    def changing(*asked: Any) -> Any:
        raise_revision(index)
        return read(*asked)

    monkeypatch.setattr(pgvector, "_read_chunks", changing)
    pgvector.accelerate()
    assert not pgvector.is_accelerated(source_of(index))
    assert copied(index) == 60


# -- what is kept -------------------------------------------------------------------------------
def test_rows_follow_the_documents(actor: Actor):
    index = fill(actor, "docs", 60)
    pgvector.accelerate()
    Document.unscoped.filter(path="0.txt").delete()
    add_document(index, "new.txt", random_units(70, DIMENSIONS))
    pgvector.accelerate()
    assert copied(index) == 60 - 12 + 70
    [best] = pgvector.nearest(source_of(index), random_units(70, DIMENSIONS)[3], 1)
    assert best.distance == pytest.approx(0, abs=1e-6)


def test_an_index_that_is_gone_or_replaced_leaves_nothing(actor: Actor):
    gone, replaced = fill(actor, "gone", 60), fill(actor, "replaced", 60)
    pgvector.accelerate()
    assert has_hnsw(gone) and has_hnsw(replaced)
    Index.unscoped.filter(pk=replaced.pk).update(state=IndexState.RETIRED)
    key = gone.pk
    gone.delete()
    gone.pk = key
    pgvector.accelerate()
    assert copied(gone) == copied(replaced) == 0
    assert not has_hnsw(gone) and not has_hnsw(replaced)


def test_an_unfinished_index_is_made_anew(actor: Actor):
    index = fill(actor, "docs", 60)
    pgvector.accelerate()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = to_regclass(%s)",
            [pgvector._name(index.pk)],
        )
    assert not has_hnsw(index)
    pgvector.accelerate()
    assert has_hnsw(index)


# -- where there is none ------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_without_the_extension_nothing_is_done(monkeypatch: pytest.MonkeyPatch, settings: Any):
    settings.PGVECTOR_FROM_CHUNKS = 1
    monkeypatch.setattr(pgvector, "_has_extension", lambda: False)
    pgvector.PRESENCE.forget()
    index = make_index(make_actor("acme"), dimensions=DIMENSIONS)
    add_document(index, "a.txt", random_units(3, DIMENSIONS))
    pgvector.accelerate()
    assert not pgvector.is_accelerated(source_of(index))
