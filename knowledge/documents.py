"""Documents: the states of files that an index holds, from `pending` to `embedded` or `failed`.

Every function here runs in its caller's transaction and locks the index first. A document that is
done takes the place of older ones of its path, in the same commit.

For whoever finds files for a task one by one, as a crawl does: create an
`EmbeddingTask(kind=crawl, all_found=False, index=indexes.ensure_index(actor, bucket))`. Store each
page with `files.services`, and call `enqueue_document(task, index, stored)` in a transaction; it
makes the task `processing` and counts the file in `total`. Do not write `status`, `total`, `done`
or `failed` yourself. When no further page will come, call `tasks.close_list(task.pk)` in the commit
that knows it: the task ends then, or with its last file. A crawl that cannot go on ends with
`tasks.fail(task.pk, reason)`. A task may be ended by others (its bucket's embeddings were deleted):
look at `task.status` before going on, and stop when it is no longer queued or processing. Ask for
the index anew for each page, for another may have become the active one.
"""

import uuid
from collections.abc import Iterable, Sequence

from common import clock
from files.models import StoredObject
from jobs.services import Job, enqueue_many
from knowledge import indexes
from knowledge.indexes import LIVE
from knowledge.models import Chunk, Document, DocumentStatus, EmbeddingTask, Index
from knowledge.tasks import UNFINISHED, Change, count, finish_if_done
from vocabulary.errors import NotFound

READ = "knowledge.read"
EMBED = "knowledge.embed"
CHUNKS_AT_ONCE = 64

type File = tuple[str, str]
"""The path of a file, and the SHA-256 of what is in it."""


def enqueue_document(
    task: EmbeddingTask | None, index: Index, stored_object: StoredObject
) -> Document:
    """The document of a file as it is now; it is read and embedded unless it was already.

    It counts as one of `task`, done at once where nothing is left to do. `NotFound` where the index
    is no longer in use.
    """
    file = (stored_object.path, stored_object.blob.sha256)
    live = indexes.lock([index.pk])
    if index.pk not in live:
        raise NotFound("the embeddings of this bucket were deleted or replaced")
    return open_documents(live[index.pk], [file], task.pk if task else None)[0]


def finish_task_if_done(task: EmbeddingTask) -> None:
    """End the task if its files are all found, and each embedded or failed."""
    if task.index_id is not None:
        indexes.lock([task.index_id])
    finish_if_done(task.pk)


def open_documents(
    index: Index, files: Sequence[File], task_id: uuid.UUID | None = None
) -> list[Document]:
    """Documents of files, each with the jobs that are still to be done. The index is locked.

    Those that are there already become the task's unless another is at work on them; if they had
    failed, the task tries again.
    """
    known = _find(index, files)
    new = [_draft(index, file, task_id) for file in files if file not in known]
    change, again = Change(total=len(new)), []
    for document in known.values():
        if task_id is None or document.task_id == task_id:
            continue
        if document.task_id is not None and document.status in UNFINISHED:
            continue
        if document.status == DocumentStatus.FAILED:
            document.status, document.error_reason = DocumentStatus.PENDING, ""
            again.append(document)
        change += Change(total=1, done=int(document.status == DocumentStatus.EMBEDDED))
        document.task_id = task_id
        document.save(update_fields=["task", "status", "error_reason"])
    Document.objects.bulk_create(new)
    enqueue_many([job for document in (*new, *again) for job in _jobs(document)])
    if task_id is not None:
        count({task_id: change})
    found = known | {(document.path, document.checksum): document for document in new}
    return [found[file] for file in files]


def find_unfinished(documents: Sequence[uuid.UUID]) -> dict[uuid.UUID | None, Document]:
    """Those of them that somebody still waits for, by id, with their indexes."""
    rows = Document.unscoped.filter(pk__in=documents, status__in=UNFINISHED, index__state__in=LIVE)
    return {document.pk: document for document in rows.select_related("index")}


def lock_unfinished(documents: Sequence[uuid.UUID]) -> dict[uuid.UUID | None, Document]:
    """The same with the locks of their indexes."""
    known = Document.unscoped.filter(pk__in=documents).values_list("index_id", flat=True)
    indexes.lock(list(known))
    return find_unfinished(documents)


def finish_document(document: Document) -> None:
    """All its vectors are there: it is found from now on, in the place of older ones."""
    now = clock.now()
    Document.unscoped.filter(pk=document.pk).update(
        status=DocumentStatus.EMBEDDED, embedded_at=now, updated_at=now, error_reason=""
    )
    drop_documents(_older(document))
    indexes.bump([document.index_id])
    _count(document, Change(done=1))


def fail_document(document: Document, reason: str, *, replaces: bool = False) -> None:
    """It will not be embedded. `replaces` is for what is wrong with the file itself: then the text
    that it had before is not to be found any more either."""
    Document.unscoped.filter(pk=document.pk).update(
        status=DocumentStatus.FAILED, error_reason=reason, updated_at=clock.now()
    )
    if replaces:
        drop_documents(_older(document))
    _count(document, Change(failed=1))


def drop_documents(documents: Iterable[Document]) -> None:
    """Delete documents with their chunks; those not yet done are no longer their tasks' files."""
    doomed = list(documents)
    if not doomed:
        return
    Chunk.unscoped.filter(document__in=doomed).delete()
    Document.unscoped.filter(pk__in=[document.pk for document in doomed]).delete()
    indexes.bump(each.index_id for each in doomed if each.status == DocumentStatus.EMBEDDED)
    for document in doomed:
        if document.status in UNFINISHED:
            _count(document, Change(total=-1))


def embed_jobs(document: Document) -> list[Job]:
    """The jobs that make the vectors of a document's chunks."""
    return [
        Job(
            kind=EMBED,
            organisation_id=document.organisation_id,
            subject=document.pk,
            payload={"first": first, "end": first + CHUNKS_AT_ONCE},
        )
        for first in range(0, document.chunk_count, CHUNKS_AT_ONCE)
    ]


def _jobs(document: Document) -> list[Job]:
    """One that has its chunks is not read again."""
    if document.chunk_count:
        return embed_jobs(document)
    return [Job(kind=READ, organisation_id=document.organisation_id, subject=document.pk)]


def _find(index: Index, files: Sequence[File]) -> dict[File, Document]:
    rows = Document.unscoped.filter(index=index, path__in=[path for path, _ in files])
    wanted = set(files)
    found = {(document.path, document.checksum): document for document in rows}
    return {file: document for file, document in found.items() if file in wanted}


def _draft(index: Index, file: File, task_id: uuid.UUID | None) -> Document:
    path, checksum = file
    return Document(
        organisation_id=index.organisation_id,
        index=index,
        task_id=task_id,
        path=path,
        checksum=checksum,
    )


def _older(document: Document) -> list[Document]:
    """Ids are ordered by time."""
    same = Document.unscoped.filter(index_id=document.index_id, path=document.path)
    return list(same.filter(pk__lt=document.pk))


def _count(document: Document, change: Change) -> None:
    if document.task_id is not None:
        count({document.task_id: change})
        finish_if_done(document.task_id)
