"""Reads of embedding tasks, and of which files are embedded."""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from files.models import StoredObject
from knowledge.indexes import LIVE, get_index
from knowledge.models import Document, DocumentStatus, EmbeddingTask, Index
from organisations.actor import Actor
from vocabulary.errors import NotFound

MOST_TASKS = 1000
MOST_FILES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """How a file of a bucket stands. `embedded_at` is when what searches find of it was made."""

    path: str
    status: str
    created_at: datetime
    updated_at: datetime
    embedded_at: datetime | None = None
    error_reason: str = ""


def find_tasks(actor: Actor, statuses: Collection[str] = ()) -> list[EmbeddingTask]:
    """Newest first, with their buckets; of all states unless some are given."""
    rows = EmbeddingTask.objects.for_organisation(actor.organisation_id).select_related("bucket")
    if statuses:
        rows = rows.filter(status__in=statuses)
    return list(rows.order_by("-created_at", "-pk")[:MOST_TASKS])


def get_task(actor: Actor, task_id: uuid.UUID) -> EmbeddingTask:
    rows = EmbeddingTask.objects.for_organisation(actor.organisation_id).select_related("bucket")
    if (task := rows.filter(pk=task_id).first()) is None:
        raise NotFound("embedding task not found")
    return task


def find_embedded_buckets(actor: Actor) -> list[str]:
    """The names of the buckets that are embedded, or being so."""
    rows = Index.objects.for_organisation(actor.organisation_id).filter(state__in=LIVE)
    return list(rows.order_by("bucket__name").values_list("bucket__name", flat=True).distinct())


def find_files(actor: Actor, bucket_name: str) -> list[FileState]:
    """The files of an embedded bucket by path; one that the index does not know yet is pending."""
    index = get_index(actor, bucket_name)
    objects = StoredObject.objects.for_organisation(actor.organisation_id)
    stored = list(objects.filter(bucket_id=index.bucket_id).order_by("path")[:MOST_FILES])
    rows = Document.objects.for_organisation(actor.organisation_id).filter(index=index)
    known: dict[str, list[Document]] = {}
    for document in rows.order_by("path", "pk")[: 2 * MOST_FILES]:
        known.setdefault(document.path, []).append(document)
    return list(_states(stored, known))


def _states(stored: list[StoredObject], known: dict[str, list[Document]]) -> Iterator[FileState]:
    for file in stored:
        documents = known.get(file.path, [])
        newest = documents[-1] if documents else None
        embedded = [each.embedded_at for each in documents if each.embedded_at is not None]
        yield FileState(
            path=file.path,
            status=newest.status if newest else DocumentStatus.PENDING,
            created_at=file.created_at,
            updated_at=newest.updated_at if newest else file.updated_at,
            embedded_at=max(embedded, default=None),
            error_reason=newest.error_reason if newest else "",
        )
