"""Accepting work: rows are written in the caller's transaction, the bell rings when it commits."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models.functions import Now

from jobs import doorbell, models
from jobs.insertion import insert
from jobs.models import JobState
from jobs.orders import MAX_ATTEMPTS, Job
from vocabulary.json import JsonObject

__all__ = ["Job", "cancel_jobs", "enqueue", "enqueue_many"]


def enqueue(
    kind: str,
    *,
    organisation_id: uuid.UUID | None,
    subject: uuid.UUID | None = None,
    payload: JsonObject | None = None,
    run_at: datetime | None = None,
    run_in: float = 0,
    dedupe_key: str | None = None,
    priority: int = 0,
    max_attempts: int = MAX_ATTEMPTS,
    lane: uuid.UUID | None = None,
) -> None:
    """Accept one job; the meaning of the arguments is that of `Job`."""
    job = Job(
        kind=kind,
        organisation_id=organisation_id,
        subject=subject,
        payload=payload or {},
        run_at=run_at,
        run_in=run_in,
        dedupe_key=dedupe_key,
        priority=priority,
        max_attempts=max_attempts,
        lane=lane,
    )
    enqueue_many([job])


def enqueue_many(jobs: Sequence[Job]) -> None:
    """Accept jobs together, leaving out those whose `dedupe_key` is taken."""
    if not jobs:
        return
    first = insert(jobs)
    transaction.on_commit(partial(doorbell.ring, first), robust=True)


def cancel_jobs(kind: str, subject: uuid.UUID) -> int:
    """Cancel the jobs about `subject`; one that is running may go on, but commits nothing."""
    unfinished = models.Job.objects.filter(
        kind=kind, subject=subject, state__in=(JobState.QUEUED, JobState.RUNNING)
    )
    return unfinished.update(state=JobState.CANCELLED, finished_at=Now())
