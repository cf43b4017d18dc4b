"""Writing new jobs: plain SQL, because the ORM's own bulk insert costs several times as much."""

import json
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import batched

from django.db import connection

from common import ids
from jobs.dialect import words
from jobs.handlers import NO_LANE
from jobs.orders import Job

ROWS = 1000  # in one statement
RING_AGAIN_IN = 2  # seconds after a job is due
GIVEN = "id, kind, organisation_id, subject, payload, dedupe_key, priority, lane, max_attempts"
SET = "run_at, ring_at, state, attempts, fence, rings, error"

type Value = uuid.UUID | str | int | float | datetime | None


def insert(jobs: Sequence[Job]) -> uuid.UUID:
    """`→ queued`, leaving out jobs whose `dedupe_key` is taken. Returns the first job's id."""
    numbered = [(ids.new_uuid(), job) for job in jobs]
    with connection.cursor() as cursor:
        for some in batched(numbered, ROWS):
            values = [value for id, job in some for value in _values(id, job)]
            cursor.execute(_statement(len(some)), values)
    return numbered[0][0]


def _statement(rows: int) -> str:
    given = ", ".join(["%s"] * len(GIVEN.split(",")))
    at = f"coalesce(%s, {words().later('%s')})"
    row = f"({given}, {at}, {at}, 'queued', 0, 0, 0, '')"
    return f"""INSERT INTO jobs_job ({GIVEN}, {SET}) VALUES {", ".join([row] * rows)}
        ON CONFLICT (dedupe_key) DO NOTHING"""


def _values(id: uuid.UUID, job: Job) -> Sequence[Value]:
    """A value for each place in a row of `_statement`."""
    ring_at = job.run_at and job.run_at + timedelta(seconds=RING_AGAIN_IN)
    return (
        _key(id),
        job.kind,
        _key(job.organisation_id),
        _key(job.subject),
        json.dumps(job.payload),
        job.dedupe_key,
        job.priority,
        _key(job.lane or job.organisation_id or NO_LANE),
        job.max_attempts,
        connection.ops.adapt_datetimefield_value(job.run_at),
        job.run_in,
        connection.ops.adapt_datetimefield_value(ring_at),
        job.run_in + RING_AGAIN_IN,
    )


def _key(id: uuid.UUID | None) -> uuid.UUID | str | None:
    return None if id is None else words().key(id)
