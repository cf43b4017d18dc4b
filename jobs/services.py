"""Accepting work: rows are written in the caller's transaction, the bell rings when it commits."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models.functions import Now

from jobs import doorbell, models
from jobs.handlers import NO_LANE
from jobs.models import JobState
from vocabulary.json import JsonObject

MAX_ATTEMPTS = 8
FIRST_RING_AGAIN = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work to be done: at `run_at`, or `run_in` seconds from now by the database's clock.

    Of jobs with one `dedupe_key` the first stays. Jobs of one `lane` share slots so that they do
    not delay those of others; it is the organisation unless told otherwise.
    """

    kind: str
    organisation_id: uuid.UUID | None
    subject: uuid.UUID | None = None
    payload: JsonObject = field(default_factory=dict)
    run_at: datetime | None = None
    run_in: float = 0
    dedupe_key: str | None = None
    priority: int = 0
    max_attempts: int = MAX_ATTEMPTS
    lane: uuid.UUID | None = None


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
    """Accept jobs with one insert, leaving out those whose `dedupe_key` is taken."""
    if not jobs:
        return
    rows = [_row(job) for job in jobs]
    models.Job.objects.bulk_create(rows, ignore_conflicts=True)
    transaction.on_commit(partial(doorbell.ring, rows[0].id), robust=True)


def cancel_jobs(kind: str, subject: uuid.UUID) -> int:
    """Cancel the jobs about `subject`; one that is running may go on, but commits nothing."""
    unfinished = models.Job.objects.filter(
        kind=kind, subject=subject, state__in=(JobState.QUEUED, JobState.RUNNING)
    )
    return unfinished.update(state=JobState.CANCELLED, finished_at=Now())


def _row(job: Job) -> models.Job:
    run_at = job.run_at or (Now() + timedelta(seconds=job.run_in) if job.run_in else Now())
    return models.Job(
        kind=job.kind,
        organisation_id=job.organisation_id,
        subject=job.subject,
        payload=job.payload,
        dedupe_key=job.dedupe_key,
        priority=job.priority,
        max_attempts=job.max_attempts,
        lane=job.lane or job.organisation_id or NO_LANE,
        run_at=run_at,
        ring_at=run_at + FIRST_RING_AGAIN,
    )
