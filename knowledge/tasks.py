"""Tasks: how many files they have, how many are done, and how they end.

A task ends with its last file, once nobody adds any: whoever finds its files says so with
`close_list`. Its index is locked (`indexes.lock`) while its counters or its state change.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import F
from django.db.models.functions import Coalesce, Now

from common import clock
from knowledge import indexes
from knowledge.comparisons import begin_comparison
from knowledge.indexes import OPEN
from knowledge.models import (
    CrawledPage,
    Document,
    DocumentStatus,
    EmbeddingTask,
    Index,
    IndexState,
    PageState,
    TaskKind,
    TaskStatus,
)

UNFINISHED = (DocumentStatus.PENDING, DocumentStatus.PROCESSING)
NAMED = 3
"""So many failed files are named in a task's error."""


@dataclass(frozen=True, slots=True)
class Change:
    """By how much the counters of a task change; all of them count files."""

    total: int = 0
    done: int = 0
    failed: int = 0

    def __add__(self, other: "Change") -> "Change":
        return Change(self.total + other.total, self.done + other.done, self.failed + other.failed)


def count(changes: Mapping[uuid.UUID, Change]) -> None:
    """Change the counters of open tasks; files in hand mean that a task has begun."""
    for task, change in sorted(changes.items()):
        EmbeddingTask.unscoped.filter(pk=task, status__in=OPEN).update(
            total=F("total") + change.total,
            done=F("done") + change.done,
            failed=F("failed") + change.failed,
            status=TaskStatus.PROCESSING,
            started_at=Coalesce("started_at", Now()),
        )


def close_list(task_id: uuid.UUID) -> None:
    """No further file will come; ends the task if it has none that waits."""
    EmbeddingTask.unscoped.filter(pk=task_id, status__in=OPEN).update(
        all_found=True, status=TaskStatus.PROCESSING, started_at=Coalesce("started_at", Now())
    )
    finish_if_done(task_id)


def finish_if_done(task_id: uuid.UUID) -> None:
    """End a task whose files are all found, and each embedded or failed.

    The index that it built takes the active one's place, unless every file failed.
    """
    open_ones = EmbeddingTask.unscoped.filter(pk=task_id, status__in=OPEN, all_found=True)
    task = open_ones.select_for_update(no_key=True).first()
    if task is None or task.done + task.failed < task.total:
        return
    task.status = _result(task)
    task.error = _describe_failures(task) if task.failed else task.error
    task.finished_at = clock.now()
    task.save(update_fields=["status", "error", "finished_at"])
    if task.index_id is not None:
        _settle(task.index_id, task.status)


def fail(task_id: uuid.UUID, reason: str) -> None:
    """End a task that cannot go on. What it built is given up."""
    task = EmbeddingTask.unscoped.filter(pk=task_id, status__in=OPEN).first()
    if task is None:
        return
    EmbeddingTask.unscoped.filter(pk=task_id).update(
        status=TaskStatus.FAILURE, error=reason, finished_at=clock.now()
    )
    if task.index_id is not None:
        _settle(task.index_id, TaskStatus.FAILURE)


def _result(task: EmbeddingTask) -> TaskStatus:
    if not task.failed:
        return TaskStatus.SUCCESS
    return TaskStatus.PARTIAL_SUCCESS if task.done else TaskStatus.FAILURE


def _describe_failures(task: EmbeddingTask) -> str:
    """Files, and pages of a crawl that never became files."""
    documents = Document.unscoped.filter(task=task, status=DocumentStatus.FAILED).order_by("path")
    pages = CrawledPage.unscoped.filter(task=task, state=PageState.FAILED).order_by("pk")
    told = [f"{document.path}: {document.error_reason}" for document in documents[:NAMED]]
    told += [f"{page.url}: {page.reason}" for page in pages[:NAMED]]
    return f"{task.failed} of {task.total} files failed: {'; '.join(told[:NAMED])}"


def _settle(index_id: uuid.UUID, status: str) -> None:
    """What becomes of an index that was being built, when the task that built it has ended."""
    index = Index.unscoped.filter(pk=index_id, state=IndexState.BUILDING).first()
    if index is None:
        return
    if status == TaskStatus.FAILURE:
        indexes.retire([index.pk], "no file could be embedded")
    else:
        _switch(index)


def _switch(index: Index) -> None:
    """Let searches read `index`. Tasks under way on the one before go on with it: what it lacks of
    their files comes to it by itself, and no longer counts as theirs. One that has not found all
    its files looks for them anew: a comparison with the index before would come to nothing."""
    before = indexes.find_index(index.bucket, IndexState.ACTIVE)
    if before is not None:
        for task in EmbeddingTask.unscoped.filter(index=before, status__in=OPEN):
            waiting = Document.unscoped.filter(task=task, index=before, status__in=UNFINISHED)
            EmbeddingTask.unscoped.filter(pk=task.pk).update(
                index=index, total=F("total") - waiting.count()
            )
            if task.kind == TaskKind.EMBED and not task.all_found:
                begin_comparison(index, task.pk)
        indexes.retire([before.pk], "")
    Index.unscoped.filter(pk=index.pk).update(state=IndexState.ACTIVE)
    indexes.bump([index.pk])
    for task in EmbeddingTask.unscoped.filter(index=index, status__in=OPEN):
        finish_if_done(task.pk)
