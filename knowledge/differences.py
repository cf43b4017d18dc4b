"""What an index does not know yet of its bucket's files, a lot at a time. Reads only."""

import uuid
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from files.models import Bucket, StoredObject
from knowledge.documents import File
from knowledge.models import Document, DocumentStatus, Index
from knowledge.tasks import UNFINISHED

MOST = 500
MOST_CHUNKS = 5_000
"""Deleted at once, unless one document alone has more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """`wanted` files have no document; `stale` documents are of files that are not there so.

    The bucket had this `version` before anything was compared.
    """

    version: int
    wanted: tuple[File, ...]
    stale: tuple[uuid.UUID, ...]

    @property
    def is_empty(self) -> bool:
        return not self.wanted and not self.stale


def find_differences(index: Index, task_id: uuid.UUID | None = None) -> Differences:
    """For a task, files are wanted too that nobody's task is at work on, or another's failed at."""
    version = Bucket.unscoped.values_list("version", flat=True).get(pk=index.bucket_id)
    return Differences(
        version=version, wanted=_find_wanted(index, task_id), stale=_find_stale(index)
    )


def _find_wanted(index: Index, task_id: uuid.UUID | None) -> tuple[File, ...]:
    same = Document.unscoped.filter(
        index=index, path=OuterRef("path"), checksum=OuterRef("blob__sha256")
    )
    if task_id is not None:
        unowned = Q(status__in=UNFINISHED, task=None)
        same = same.exclude(unowned | (Q(status=DocumentStatus.FAILED) & _not_of(task_id)))
    objects = StoredObject.unscoped.filter(~Exists(same), bucket_id=index.bucket_id)
    found = objects.order_by("path").values_list("path", "blob__sha256")
    return tuple((path, checksum) for path, checksum in found[:MOST])


def _not_of(task_id: uuid.UUID) -> Q:
    return Q(task=None) | ~Q(task_id=task_id)


def _find_stale(index: Index) -> tuple[uuid.UUID, ...]:
    """An embedded one stays as long as its file, until a newer one takes its place."""
    there = StoredObject.unscoped.filter(bucket_id=index.bucket_id, path=OuterRef("path"))
    same = there.filter(blob__sha256=OuterRef("checksum"))
    of_old = Q(status=DocumentStatus.EMBEDDED) & Exists(there)
    rows = Document.unscoped.filter(~Exists(same), index=index).exclude(of_old)
    chosen: list[uuid.UUID] = []
    chunks = 0
    for key, number in rows.order_by("pk").values_list("pk", "chunk_count")[:MOST]:
        chunks += number
        if chosen and chunks > MOST_CHUNKS:
            break
        chosen.append(key)
    return tuple(chosen)
