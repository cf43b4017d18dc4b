"""An embedded bucket is followed; and what jobs do survives crashes, races and repetition."""

import asyncio
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from common import clock, ids
from files import services as files
from files.models import Bucket
from jobs import intake, queue, work
from jobs.kinds import get_kind
from jobs.models import Job
from jobs.testing import drain
from knowledge import indexes, syncing
from knowledge.differences import find_differences
from knowledge.models import Chunk, Document, EmbeddingTask, Index, TaskStatus
from knowledge.queries import find_files, get_task
from knowledge.services import start_embedding
from organisations.actor import Actor
from tests.knowledge.embedders import Embedder
from tests.knowledge.test_tasks import CORRUPT, counters, embed, put, states, sync, texts_found
from vocabulary.errors import UpstreamRefused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("at_once")]


# -- following a bucket -------------------------------------------------------------------------
def test_what_comes_changes_or_goes_is_followed(librarian: Actor, embedder: type[Embedder]):
    put(librarian, a="Lamps hang.", b="Chairs stand.", c="Tables too.")
    embed(librarian)
    revision = indexes.get_index(librarian, "docs").revision
    put(librarian, b="Chairs lie.", d="Doors open.")
    files.delete_object(librarian, "docs", "a.txt")
    sync()
    assert texts_found(librarian) == {"Chairs lie.", "Tables too.", "Doors open."}
    assert set(states(librarian).values()) == {"embedded"}
    assert set(embedder.asked.values()) == {1}
    index = indexes.get_index(librarian, "docs")
    assert index.revision > revision
    assert index.synced_version == Bucket.unscoped.get().version
    assert EmbeddingTask.unscoped.count() == 1


def test_a_bucket_that_did_not_change_costs_one_query(librarian: Actor, django_assert_num_queries):
    put(librarian, a="Lamps hang.")
    embed(librarian)
    with django_assert_num_queries(1):
        syncing.sync_changed()


def test_a_bucket_that_is_being_compared_is_not_compared_again(librarian: Actor):
    put(librarian, a="Lamps hang.")
    embed(librarian)
    put(librarian, a="Lamps fall.")
    compared = Job.objects.filter(kind="knowledge.compare")
    before = compared.count()
    syncing.sync_changed()
    syncing.sync_changed()
    assert compared.count() == before + 1


def test_buckets_that_were_never_embedded_are_left_alone(librarian: Actor):
    put(librarian, a="Lamps hang.")
    sync()
    assert not Document.unscoped.exists()


def test_the_old_text_is_found_until_the_new_one_is_there(
    librarian: Actor, embedder: type[Embedder]
):
    put(librarian, a="Lamps hang.")
    embed(librarian)
    put(librarian, a="Lamps fall.")
    embedder.errors["embed-small"] = UpstreamRefused("no credit", status=402)
    sync()
    assert texts_found(librarian) == {"Lamps hang."}
    [file] = find_files(librarian, "docs")
    assert (file.status, file.error_reason) == ("failed", "no credit")
    assert file.embedded_at is not None


def test_the_text_of_a_file_that_became_unreadable_is_found_no_more(librarian: Actor):
    put(librarian, a="Lamps hang.")
    files.put_bytes(librarian, "docs", "b.pdf", b"Really a text.", content_type="text/plain")
    embed(librarian)
    files.put_bytes(librarian, "docs", "b.pdf", CORRUPT)
    sync()
    assert states(librarian) == {"a.txt": "embedded", "b.pdf": "failed"}
    assert texts_found(librarian) == {"Lamps hang."}


def test_a_file_that_changes_back_keeps_what_was_embedded(
    librarian: Actor, embedder: type[Embedder]
):
    put(librarian, a="Lamps hang.")
    embed(librarian)
    put(librarian, a="Lamps fall.")
    syncing.sync_changed()
    drain(limit=1)
    put(librarian, a="Lamps hang.")
    sync()
    assert texts_found(librarian) == {"Lamps hang."}
    assert Document.unscoped.count() == 1
    assert set(embedder.asked.values()) == {1}


def test_a_file_that_goes_before_it_is_read_leaves_its_task(librarian: Actor):
    put(librarian, a="Lamps hang.", b="Chairs stand.")
    task = start_embedding(librarian, "docs")
    drain(limit=1)
    files.delete_object(librarian, "docs", "a.txt")
    sync()
    assert counters(get_task(librarian, task.pk)) == (TaskStatus.SUCCESS, 1, 1, 0)


def test_a_file_that_changes_before_it_is_read_stays_with_its_task(librarian: Actor):
    put(librarian, a="Lamps hang.", b="Chairs stand.")
    task = start_embedding(librarian, "docs")
    drain(limit=1)
    put(librarian, a="Lamps fall.")
    sync()
    assert counters(get_task(librarian, task.pk)) == (TaskStatus.SUCCESS, 2, 2, 0)
    assert texts_found(librarian) == {"Lamps fall.", "Chairs stand."}


def test_many_files_are_compared_a_lot_at_a_time(librarian: Actor, monkeypatch):
    monkeypatch.setattr("knowledge.differences.MOST", 2)
    put(librarian, **{f"n{number}": f"Number {number}." for number in range(5)})
    assert counters(embed(librarian)) == (TaskStatus.SUCCESS, 5, 5, 0)
    for number in range(5):
        files.delete_object(librarian, "docs", f"n{number}.txt")
    sync()
    assert not Document.unscoped.exists()


def test_rows_are_deleted_within_bounds(librarian: Actor, monkeypatch):
    monkeypatch.setattr("knowledge.differences.MOST_CHUNKS", 1)
    put(librarian, a="Lamps hang.", b="Chairs stand.")
    embed(librarian)
    for name in "ab":
        files.delete_object(librarian, "docs", f"{name}.txt")
    assert len(find_differences(Index.unscoped.get()).stale) == 1
    sync()
    assert not Chunk.unscoped.exists()


def test_a_comparison_that_fails_for_good_fails_its_task(librarian: Actor, monkeypatch):
    def fail(*_: object) -> None:
        raise ValueError("no luck")

    monkeypatch.setattr("knowledge.syncing.find_differences", fail)
    put(librarian, a="Lamps hang.")
    task = start_embedding(librarian, "docs")
    drain(ahead=True)
    task = get_task(librarian, task.pk)
    assert (task.status, task.error) == (TaskStatus.FAILURE, "no luck")


# -- crashes and races --------------------------------------------------------------------------
LONG = " ".join(f"Sentence number {number}." for number in range(200))


@pytest.mark.parametrize("before", range(8))
def test_a_worker_that_is_lost_after_any_job_costs_nothing_twice(
    before: int, librarian: Actor, embedder: type[Embedder]
):
    """It has claimed jobs, and they are never heard of again, until their leases end."""
    put(librarian, a="Lamps hang.", b=LONG)
    task = start_embedding(librarian, "docs", chunk_size=64, chunk_overlap=0)
    drain(limit=before)
    intake.take(ids.new_uuid(), {})
    Job.objects.filter(state="running").update(lease_until=clock.now() - timedelta(days=1))
    queue.release_expired(100)
    drain()
    assert counters(get_task(librarian, task.pk)) == (TaskStatus.SUCCESS, 2, 2, 0)
    assert set(embedder.asked.values()) == {1}
    assert Chunk.unscoped.count() == len(embedder.asked)
    assert not Chunk.unscoped.filter(vector=None).exists()


def test_two_last_lots_that_are_committed_at_once_end_the_document_once(librarian: Actor):
    put(librarian, b=" ".join(f"Sentence number {number}." for number in range(250)))
    task = start_embedding(librarian, "docs", chunk_size=64, chunk_overlap=0)
    drain(limit=2)
    kind = get_kind("knowledge.embed")
    claims = [claim for claim in intake.take(ids.new_uuid(), {}).claims if claim.kind == kind.name]
    assert len(claims) >= 2
    loaded = work.load(kind, claims)
    verdicts = asyncio.run(_perform(kind, claims, loaded))
    written, over = threading.Event(), threading.Event()
    first = threading.Thread(target=_close_and_wait, args=(verdicts[:1], written, over))
    second = threading.Thread(target=_close_after, args=(verdicts[1:], written))
    first.start()
    second.start()
    written.wait(10)
    second.join(0.3)
    over.set()
    first.join(10)
    second.join(10)
    drain()
    assert counters(get_task(librarian, task.pk)) == (TaskStatus.SUCCESS, 1, 1, 0)


async def _perform(kind, claims, loaded):
    return await asyncio.gather(
        *(work.perform(kind, claim, loaded.works[claim.id]) for claim in claims)
    )


def _close_and_wait(verdicts, written: threading.Event, over: threading.Event) -> None:
    """In a transaction that stays open for a while."""
    try:
        with transaction.atomic():
            work.close(verdicts)
            written.set()
            over.wait(10)
    finally:
        connection.close()


def _close_after(verdicts, written: threading.Event) -> None:
    try:
        written.wait(10)
        work.close(verdicts)
    finally:
        connection.close()
