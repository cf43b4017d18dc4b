"""Indexes follow their buckets: what is new or changed is read, what is gone is dropped.

A bucket's version rises with each change. A periodic look finds the indexes that are behind; a job
compares, a lot of files at a time, until nothing differs. A task begins with the same job, and has
the files that it finds.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F

from common.db import in_thread
from jobs.handlers import Claim, Outcome, subjects
from jobs.models import Job as JobRow
from jobs.models import JobState
from jobs.services import Job, enqueue_many
from knowledge import indexes, tasks
from knowledge.comparisons import COMPARE, begin_comparison
from knowledge.differences import Differences, find_differences
from knowledge.documents import drop_documents, open_documents
from knowledge.failures import reason_of
from knowledge.indexes import LIVE
from knowledge.models import Document, Index
from knowledge.tasks import UNFINISHED

MOST = 1000
"""Indexes that are seen to in one turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    index: Index
    task_id: uuid.UUID | None


def sync_changed() -> None:
    """Have those indexes compared whose buckets have changed, unless they are at it."""
    behind = Index.unscoped.filter(state__in=LIVE, synced_version__lt=F("bucket__version"))
    found = dict(behind.values_list("pk", "organisation_id")[:MOST])
    busy = JobRow.objects.filter(
        kind=COMPARE, subject__in=list(found), state__in=(JobState.QUEUED, JobState.RUNNING)
    )
    at_it = set(busy.values_list("subject", flat=True))
    enqueue_many(
        [
            Job(kind=COMPARE, organisation_id=organisation, subject=index)
            for index, organisation in found.items()
            if index not in at_it
        ]
    )


class Compare:
    """`knowledge.compare`; the job's subject is the index, its payload may name a task."""

    limit = 4
    lane_limit = 2

    def load(self, claims: Sequence[Claim]) -> Mapping[uuid.UUID, Comparison]:
        live = {
            row.pk: row for row in Index.unscoped.filter(pk__in=subjects(claims), state__in=LIVE)
        }
        return {
            claim.id: Comparison(index=live[claim.subject], task_id=_task(claim))
            for claim in claims
            if claim.subject in live
        }

    async def perform(self, work: Comparison) -> Outcome[Differences]:
        return Outcome(result=await in_thread(find_differences, work.index, work.task_id))

    def commit(self, outcomes: Sequence[tuple[Claim, Outcome[Differences]]]) -> None:
        live = indexes.lock(subjects(claim for claim, _ in outcomes))
        for claim, outcome in outcomes:
            index = live.get(claim.subject) if claim.subject else None
            if index is not None:
                _follow(index, outcome.result, _task(claim))

    def bury(self, claims: Sequence[tuple[Claim, str]]) -> None:
        """The periodic look tries again by itself; a task does not wait for that."""
        indexes.lock(subjects(claim for claim, _ in claims))
        for claim, error in claims:
            if (task := _task(claim)) is not None:
                tasks.fail(task, reason_of(error))


def _follow(index: Index, differences: Differences, task_id: uuid.UUID | None) -> None:
    """Do what differs and look again; when nothing does, the index knows this version."""
    if not differences.is_empty:
        _settle(index, differences, task_id)
        begin_comparison(index, task_id)
        return
    Index.unscoped.filter(pk=index.pk, synced_version__lt=differences.version).update(
        synced_version=differences.version
    )
    if task_id is not None:
        tasks.close_list(task_id)


def _settle(index: Index, differences: Differences, task_id: uuid.UUID | None) -> None:
    """A file that changed before it was embedded remains its task's."""
    stale = list(Document.unscoped.filter(pk__in=differences.stale, index=index))
    waited = {row.path: row.task_id for row in stale if row.task_id and row.status in UNFINISHED}
    wanted: dict[uuid.UUID | None, list[tuple[str, str]]] = {}
    for path, checksum in differences.wanted:
        wanted.setdefault(waited.get(path, task_id), []).append((path, checksum))
    for owner, files in wanted.items():
        open_documents(index, files, owner)
    drop_documents(stale)


def _task(claim: Claim) -> uuid.UUID | None:
    named = claim.payload.get("task")
    return uuid.UUID(str(named)) if named else None
