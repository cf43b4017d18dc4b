"""Many change a bucket while it is embedded, by ever other settings: at the end the index is what
the bucket is, every task has ended, and nobody was refused for waiting on another."""

import random
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.db import connection, connections

from files import services as files
from files.models import StoredObject
from jobs.testing import drain
from knowledge import services, sweeping
from knowledge.indexes import OPEN
from knowledge.models import Document, DocumentStatus, EmbeddingTask, Index, IndexState
from knowledge.syncing import sync_changed
from organisations.actor import Actor
from vocabulary.errors import Conflict, NotFound

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("at_once")]

TURNS = 12
PATHS = [f"{name}.txt" for name in "abcdefgh"]
MODELS = ["embed-small", "embed-large"]


def change_files(actor: Actor, seed: int) -> None:
    chance = random.Random(seed)
    for turn in range(TURNS):
        path = chance.choice(PATHS)
        text = f"Sentence {turn} of {seed} about {path}. " * chance.choice([1, 40])
        if chance.random() < 0.6:
            files.put_bytes(actor, "docs", path, text.encode())
        else:
            with suppress(NotFound):
                files.delete_objects(actor, "docs", chance.sample(PATHS, 3))


def change_models(actor: Actor, seed: int) -> None:
    chance = random.Random(seed)
    for turn in range(TURNS // 3):
        with suppress(NotFound):
            services.start_embedding(actor, "docs", model=chance.choice(MODELS))
            if turn % 4 == 3:
                services.delete_embeddings(actor, "docs")


def work_on(actor: Actor, seed: int) -> None:
    for _ in range(TURNS):
        sync_changed()
        drain(20)
        sweeping.delete_retired()


def in_threads(*calls: Callable[[], None]) -> list[Exception]:
    faults: list[Exception] = []

    def guarded(call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guarded, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return faults


def finish() -> None:
    for _ in range(6):
        sync_changed()
        drain(ahead=True)
    sweeping.delete_retired()


@pytest.mark.parametrize("seed", range(2))
def test_the_index_is_what_the_bucket_is(librarian: Actor, seed: int):
    files.put_bytes(librarian, "docs", "kept.txt", b"This one stays.")
    services.start_embedding(librarian, "docs", model=MODELS[0])
    faults = in_threads(
        *(lambda n=n: change_files(librarian, 10 * seed + n) for n in range(3)),
        lambda: change_models(librarian, seed),
        *(lambda n=n: work_on(librarian, n) for n in range(2)),
    )
    assert faults == []
    services.start_embedding(librarian, "docs", model=MODELS[1])
    finish()
    [index] = Index.unscoped.exclude(state=IndexState.RETIRED)
    wanted = set(StoredObject.unscoped.values_list("path", "blob__sha256"))
    found = Document.unscoped.filter(index=index, status=DocumentStatus.EMBEDDED)
    assert set(found.values_list("path", "checksum")) == wanted
    assert found.count() == len(wanted)
    assert not EmbeddingTask.unscoped.filter(status__in=OPEN).exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="rows are locked there alone")
@pytest.mark.parametrize("seed", range(2))
def test_a_bucket_that_is_deleted_while_it_is_embedded(librarian: Actor, seed: int):
    def delete_bucket() -> None:
        for _ in range(TURNS):
            with suppress(NotFound):
                files.delete_objects(librarian, "docs", [*PATHS, "kept.txt"])
            with suppress(Conflict, NotFound):
                files.delete_bucket(librarian, "docs")

    files.put_bytes(librarian, "docs", "kept.txt", b"This one stays.")
    services.start_embedding(librarian, "docs", model=MODELS[0])
    faults = in_threads(
        *(lambda n=n: change_files(librarian, seed + n) for n in range(2)),
        lambda: change_models(librarian, seed),
        *(lambda n=n: work_on(librarian, n) for n in range(2)),
        delete_bucket,
    )
    assert faults == []
    finish()
    assert not EmbeddingTask.unscoped.filter(status__in=OPEN).exists()
