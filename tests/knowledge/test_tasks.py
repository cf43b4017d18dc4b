"""A bucket is embedded as a whole: what a task counts, how it ends, what it leaves."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import transaction

from common import clock
from files import services as files
from files.models import StoredObject
from jobs.models import Job
from jobs.testing import drain
from knowledge import documents, indexes, queries, tasks
from knowledge.comparisons import COMPARE
from knowledge.models import (
    Chunk,
    Document,
    DocumentStatus,
    EmbeddingTask,
    Index,
    IndexState,
    TaskKind,
    TaskStatus,
)
from knowledge.queries import find_files, get_task
from knowledge.services import delete_embeddings, start_embedding
from knowledge.sweeping import delete_retired
from knowledge.syncing import sync_changed
from organisations.actor import Actor, system
from organisations.models import Organisation
from tests.knowledge.embedders import Embedder
from vocabulary.errors import (
    InvalidRequest,
    ModelNotFound,
    NotFound,
    UpstreamRefused,
    UpstreamUnavailable,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("at_once")]

CORRUPT = b"%PDF-1.7\nthis is no document\n"


def put(actor: Actor, **texts: str) -> None:
    for name, text in texts.items():
        files.put_bytes(actor, "docs", f"{name}.txt", text.encode())


def embed(actor: Actor, **settings: object) -> EmbeddingTask:
    task = start_embedding(actor, "docs", **settings)  # type: ignore[arg-type]
    drain()
    return get_task(actor, task.pk)


def sync() -> None:
    sync_changed()
    drain()


def counters(task: EmbeddingTask) -> tuple[str, int, int, int]:
    return task.status, task.total, task.done, task.failed


def states(actor: Actor) -> dict[str, str]:
    return {file.path: file.status for file in find_files(actor, "docs")}


def texts_found(actor: Actor) -> set[str]:
    """What a search would look at."""
    index = indexes.get_index(actor, "docs")
    chunks = Chunk.unscoped.filter(index=index, document__status=DocumentStatus.EMBEDDED)
    return set(chunks.values_list("text", flat=True))


def test_every_file_of_a_bucket_is_embedded(librarian: Actor):
    put(librarian, a="Lamps hang.", b="Chairs stand.")
    task = embed(librarian)
    assert counters(task) == (TaskStatus.SUCCESS, 2, 2, 0)
    assert task.started_at and task.finished_at and not task.error
    assert states(librarian) == {"a.txt": "embedded", "b.txt": "embedded"}
    assert texts_found(librarian) == {"Lamps hang.", "Chairs stand."}
    assert queries.find_embedded_buckets(librarian) == ["docs"]


def test_vectors_are_packed_with_length_one(librarian: Actor):
    put(librarian, a="Lamps hang.")
    embed(librarian, model="embed-large")
    [chunk] = Chunk.unscoped.all()
    vector = np.frombuffer(chunk.vector, "<f4")
    assert vector.shape == (8,)
    assert np.linalg.norm(vector) == pytest.approx(1)
    assert Index.unscoped.get().dimensions == 8


def test_one_corrupt_file_makes_it_a_partial_success_that_says_why(librarian: Actor):
    put(librarian, a="Lamps hang.")
    files.put_bytes(librarian, "docs", "bad.pdf", CORRUPT)
    task = embed(librarian)
    assert counters(task) == (TaskStatus.PARTIAL_SUCCESS, 2, 1, 1)
    [bad] = [file for file in find_files(librarian, "docs") if file.status == "failed"]
    assert bad.path == "bad.pdf" and "PDF" in bad.error_reason
    assert task.error.startswith("1 of 2 files failed: bad.pdf: the file ")


def test_a_file_without_text_fails_with_that_reason(librarian: Actor):
    put(librarian, blank=" \n ")
    task = embed(librarian)
    assert counters(task) == (TaskStatus.FAILURE, 1, 0, 1)
    assert "no text" in find_files(librarian, "docs")[0].error_reason


def test_a_bucket_without_files_is_a_success(librarian: Actor):
    files.create_bucket(librarian, "docs")
    assert counters(embed(librarian)) == (TaskStatus.SUCCESS, 0, 0, 0)


def test_a_long_file_is_embedded_in_lots(librarian: Actor, embedder: type[Embedder]):
    words = " ".join(f"word{number}." for number in range(1000))
    put(librarian, long=words)
    task = embed(librarian, chunk_size=64, chunk_overlap=16)
    document = Document.unscoped.get()
    assert counters(task) == (TaskStatus.SUCCESS, 1, 1, 0)
    assert document.chunk_count > 128
    assert Job.objects.filter(kind="knowledge.embed").count() == -(-document.chunk_count // 64)
    assert not Chunk.unscoped.filter(vector=None).exists()


def test_a_document_of_too_many_chunks_is_refused(librarian: Actor, monkeypatch):
    monkeypatch.setattr("knowledge.intake.MOST_CHUNKS", 3)
    put(librarian, long="many words here " * 50)
    task = embed(librarian, chunk_size=64)
    assert task.status == TaskStatus.FAILURE
    assert "chunks; 3 are taken" in task.error


def test_asked_again_only_what_is_new_is_embedded(librarian: Actor, embedder: type[Embedder]):
    put(librarian, a="Lamps hang.", b="Chairs stand.")
    embed(librarian)
    put(librarian, b="Chairs lie.", c="Tables too.")
    files.delete_object(librarian, "docs", "a.txt")
    task = embed(librarian)
    assert counters(task) == (TaskStatus.SUCCESS, 2, 2, 0)
    assert set(embedder.asked.values()) == {1}
    assert texts_found(librarian) == {"Chairs lie.", "Tables too."}
    assert Index.unscoped.count() == 1


def test_asked_again_what_failed_is_tried_again(librarian: Actor, embedder: type[Embedder]):
    put(librarian, a="Lamps hang.")
    embedder.errors["embed-small"] = UpstreamRefused("no credit", status=402)
    assert embed(librarian, model="embed-small").error == ("1 of 1 files failed: a.txt: no credit")
    embedder.errors.clear()
    assert counters(embed(librarian, model="embed-small")) == (TaskStatus.SUCCESS, 1, 1, 0)


def test_an_upstream_that_stays_away_fails_the_file_in_the_end(
    librarian: Actor, embedder: type[Embedder]
):
    put(librarian, a="Lamps hang.")
    embedder.errors["embed-small"] = UpstreamUnavailable("gone")
    task = start_embedding(librarian, "docs", model="embed-small")
    drain()
    assert get_task(librarian, task.pk).status == TaskStatus.PROCESSING
    drain(ahead=True)
    task = get_task(librarian, task.pk)
    assert counters(task) == (TaskStatus.FAILURE, 1, 0, 1)
    assert task.error.endswith("a.txt: gone")


def test_a_task_that_is_under_way_is_joined(librarian: Actor, embedder: type[Embedder]):
    put(librarian, a="Lamps hang.")
    first = start_embedding(librarian, "docs")
    drain(limit=1)
    put(librarian, b="Chairs stand.")
    assert start_embedding(librarian, "docs").pk == first.pk
    drain()
    assert counters(get_task(librarian, first.pk)) == (TaskStatus.SUCCESS, 2, 2, 0)
    assert set(embedder.asked.values()) == {1}


def test_a_task_whose_index_was_replaced_before_its_files_were_found_ends(librarian: Actor):
    put(librarian, a="Lamps hang.")
    embed(librarian, model="embed-small")
    put(librarian, b="Chairs stand.")
    late = start_embedding(librarian, "docs", model="embed-small")
    Job.objects.filter(kind=COMPARE, state="queued").update(
        run_at=clock.now() + timedelta(minutes=5)
    )
    embed(librarian, model="embed-large")
    drain(ahead=True)
    ended = get_task(librarian, late.pk)
    assert (ended.status, ended.index) == (
        TaskStatus.SUCCESS, indexes.get_index(librarian, "docs"),
    )  # fmt: skip
    assert ended.total == ended.done


def test_settings_are_checked(librarian: Actor):
    put(librarian, a="Lamps hang.")
    for wrong in (
        {"chunk_size": 15},
        {"chunk_size": 8193},
        {"chunk_size": 100, "chunk_overlap": 100},
        {"chunk_overlap": -1},
        {"loader": "other"},
    ):
        with pytest.raises(InvalidRequest):
            start_embedding(librarian, "docs", **wrong)
    with pytest.raises(ModelNotFound):
        start_embedding(librarian, "docs", model="nobody/knows")
    assert start_embedding(librarian, "docs", chunk_size=100).index.chunk_overlap == 50


def test_a_vendors_own_name_is_answered_by_what_there_is(librarian: Actor):
    put(librarian, a="Lamps hang.")
    task = start_embedding(librarian, "docs", model="vendor/x", stand_in_for=["vendor/x"])
    assert (task.index.asked_model, task.index.model) == ("vendor/x", "up/embed-small")


def test_buckets_and_tasks_of_others_are_not_there(librarian: Actor):
    put(librarian, a="Lamps hang.")
    task = embed(librarian)
    stranger = system(Organisation.objects.create(slug="other", name="Other").pk)
    with pytest.raises(NotFound):
        start_embedding(stranger, "docs")
    with pytest.raises(NotFound):
        get_task(stranger, task.pk)
    with pytest.raises(NotFound):
        find_files(stranger, "docs")
    with pytest.raises(NotFound):
        delete_embeddings(stranger, "docs")
    assert queries.find_tasks(stranger) == []
    assert queries.find_embedded_buckets(stranger) == []


# -- another index ------------------------------------------------------------------------------
def test_the_old_index_is_searched_until_the_new_one_is_whole(
    librarian: Actor, embedder: type[Embedder]
):
    put(librarian, a="Lamps hang.", b="Chairs stand.")
    embed(librarian, model="embed-small")
    old = indexes.get_index(librarian, "docs")
    task = start_embedding(librarian, "docs", model="embed-large")
    while get_task(librarian, task.pk).status in ("queued", "processing"):
        assert indexes.get_index(librarian, "docs") == old
        assert texts_found(librarian) == {"Lamps hang.", "Chairs stand."}
        assert drain(limit=1)
    assert indexes.get_index(librarian, "docs").model == "up/embed-large"
    assert texts_found(librarian) == {"Lamps hang.", "Chairs stand."}
    delete_retired()
    assert list(Index.unscoped.values_list("state", flat=True)) == [IndexState.ACTIVE]
    assert Chunk.unscoped.count() == Document.unscoped.count() == 2


def test_an_index_of_which_every_file_fails_leaves_the_old_one(
    librarian: Actor, embedder: type[Embedder]
):
    put(librarian, a="Lamps hang.")
    embed(librarian, model="embed-small")
    embedder.errors["embed-large"] = UpstreamRefused("no such model", status=404)
    assert embed(librarian, model="embed-large").status == TaskStatus.FAILURE
    delete_retired()
    assert Index.unscoped.get().model == "up/embed-small"
    assert texts_found(librarian) == {"Lamps hang."}


def test_an_index_that_is_being_built_gives_way_to_another(librarian: Actor):
    put(librarian, a="Lamps hang.")
    embed(librarian, model="embed-small")
    first = start_embedding(librarian, "docs", model="embed-large")
    second = embed(librarian, model="embed-large", chunk_size=64)
    first = get_task(librarian, first.pk)
    assert (first.status, first.error) == (
        TaskStatus.FAILURE, "other settings were asked for before this was done",
    )  # fmt: skip
    assert second.status == TaskStatus.SUCCESS
    assert indexes.get_index(librarian, "docs").chunk_size == 64


def test_going_back_to_the_settings_of_the_active_index_keeps_it(librarian: Actor):
    put(librarian, a="Lamps hang.")
    embed(librarian, model="embed-small")
    start_embedding(librarian, "docs", model="embed-large")
    assert embed(librarian, model="embed-small").status == TaskStatus.SUCCESS
    assert indexes.get_index(librarian, "docs").model == "up/embed-small"
    assert not Index.unscoped.filter(state=IndexState.BUILDING).exists()


def test_what_changes_while_an_index_is_built_is_in_it(librarian: Actor):
    put(librarian, a="Lamps hang.", b="Chairs stand.")
    embed(librarian, model="embed-small")
    task = start_embedding(librarian, "docs", model="embed-large")
    drain(limit=1)
    put(librarian, a="Lamps fall.", c="Tables too.")
    files.delete_object(librarian, "docs", "b.txt")
    sync()
    assert get_task(librarian, task.pk).status == TaskStatus.SUCCESS
    assert texts_found(librarian) == {"Lamps fall.", "Tables too."}
    assert indexes.get_index(librarian, "docs").model == "up/embed-large"


# -- deletion -----------------------------------------------------------------------------------
def test_deleted_embeddings_leave_the_files(librarian: Actor):
    put(librarian, a="Lamps hang.")
    embed(librarian)
    delete_embeddings(librarian, "docs")
    with pytest.raises(NotFound):
        find_files(librarian, "docs")
    with pytest.raises(NotFound):
        delete_embeddings(librarian, "docs")
    delete_retired()
    assert not Chunk.unscoped.exists() and not Index.unscoped.exists()
    assert StoredObject.unscoped.count() == 1
    sync()
    assert not Index.unscoped.exists()
    assert embed(librarian).status == TaskStatus.SUCCESS


def test_a_task_whose_index_is_deleted_ends(librarian: Actor):
    put(librarian, a="Lamps hang.", b="Chairs stand.")
    task = start_embedding(librarian, "docs")
    drain(limit=2)
    delete_embeddings(librarian, "docs")
    drain()
    task = get_task(librarian, task.pk)
    assert (task.status, task.error) == (
        TaskStatus.FAILURE, "the bucket's embeddings were deleted",
    )  # fmt: skip
    assert not Chunk.unscoped.exclude(vector=None).exists()


def test_a_deleted_bucket_takes_its_knowledge_along(librarian: Actor):
    put(librarian, a="Lamps hang.")
    embed(librarian)
    files.delete_object(librarian, "docs", "a.txt")
    files.delete_bucket(librarian, "docs")
    assert not Index.unscoped.exists() and not Chunk.unscoped.exists()
    sync()


# -- files one by one, as a crawl finds them ----------------------------------------------------
def crawl(actor: Actor) -> EmbeddingTask:
    bucket = files.ensure_bucket(actor, "docs")
    return EmbeddingTask.objects.create(
        organisation_id=actor.organisation_id,
        bucket=bucket,
        index=indexes.ensure_index(actor, bucket),
        kind=TaskKind.CRAWL,
        name="Crawl",
    )


def test_files_are_added_to_a_task_one_by_one(librarian: Actor):
    with transaction.atomic():
        task = crawl(librarian)
    for name in ("a", "b"):
        with transaction.atomic():
            page = files.put_bytes(librarian, "docs", f"{name}.txt", b"A page.")
            documents.enqueue_document(task, indexes.get_index(librarian, "docs"), page)
        drain()
        assert get_task(librarian, task.pk).status == TaskStatus.PROCESSING
    with transaction.atomic():
        tasks.close_list(task.pk)
    assert counters(get_task(librarian, task.pk)) == (TaskStatus.SUCCESS, 2, 2, 0)


def test_a_file_that_is_embedded_already_is_done_at_once(librarian: Actor):
    put(librarian, a="A page.")
    embed(librarian)
    with transaction.atomic():
        task = crawl(librarian)
        page = files.put_bytes(librarian, "docs", "a.txt", b"A page.")
        documents.enqueue_document(task, task.index, page)
        documents.enqueue_document(task, task.index, page)
        tasks.close_list(task.pk)
    assert counters(get_task(librarian, task.pk)) == (TaskStatus.SUCCESS, 1, 1, 0)


def test_an_active_index_may_change_under_a_crawl(librarian: Actor):
    put(librarian, a="Lamps hang.")
    embed(librarian, model="embed-small")
    with transaction.atomic():
        task = crawl(librarian)
        page = files.put_bytes(librarian, "docs", "b.txt", b"A page.")
        documents.enqueue_document(task, task.index, page)
    Job.objects.filter(kind="knowledge.read").update(state="cancelled")
    embed(librarian, model="embed-large")
    task = get_task(librarian, task.pk)
    assert task.index.model == "up/embed-large"
    with transaction.atomic():
        tasks.close_list(task.pk)
    assert get_task(librarian, task.pk).status == TaskStatus.SUCCESS
