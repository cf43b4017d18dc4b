"""The job's state machine. Each edge is one conditional UPDATE that names the old state and fence.

    insertion.insert ──▶ queued ──claim──▶ running ──finish───▶ done
                           ▲ │                │├──bury─────────▶ dead
                           │ └── services.cancel_jobs ─────────▶ cancelled
                           └──────────────────┘
                      put_back, hand_back, release_expired (or ▶ dead)

Attempts and fence rise at the claim, so a job that kills its process comes to an end too, and a
write by an earlier owner changes nothing. All times are the database's. The functions that move
owned jobs return the ids they moved: what is missing there is somebody else's by now.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import batched

from django.conf import settings
from django.db import connection

from jobs.dialect import words
from jobs.fairness import Lane
from jobs.handlers import Claim
from jobs.insertion import RING_AGAIN_IN

type Value = uuid.UUID | str | int | float
type Row = Sequence[object]

LANES_SEEN = 1000  # at most so many lanes are looked at in one pass
LANES_CLAIMED = 50  # at once, in one statement
CLAIM_COLUMNS = (
    "id, kind, subject, payload, organisation_id, attempts, max_attempts, fence, lane, state"
)
OWNED = "state = 'running' AND (id, fence) IN (VALUES {own})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The first queued job of a kind's lane, due in `wait` seconds (due now, if not positive)."""

    kind: str
    lane: Lane
    wait: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A job whose owner was not heard of in time: queued again, or dead."""

    claim: Claim
    dead: bool


def find_heads() -> list[Head]:
    """The first job of each lane: leaps from lane to lane in the index, past any backlog."""
    same = "next.kind = job.kind"
    sql = f"""
        WITH RECURSIVE head(id) AS (
          SELECT {_first_queued("true")}
          UNION ALL
          SELECT coalesce(
            {_first_queued(f"{same} AND next.priority = job.priority AND next.lane > job.lane")},
            {_first_queued(f"{same} AND next.priority > job.priority")},
            {_first_queued("next.kind > job.kind")})
          FROM head JOIN jobs_job AS job ON job.id = head.id
        )
        SELECT job.kind, job.priority, job.lane, {words().seconds_until("job.run_at")}
        FROM head JOIN jobs_job AS job ON job.id = head.id LIMIT {LANES_SEEN}
    """
    return [_head(row) for row in _execute(sql)]


def _first_queued(condition: str) -> str:
    """The id of the first queued job by the index, which SQLite uses as far as columns are equal:
    hence three steps in `find_heads`, and not one comparison of rows."""
    return f"""(SELECT next.id FROM jobs_job AS next
              WHERE next.state = 'queued' AND {condition}
              ORDER BY next.kind, next.priority, next.lane, next.run_at LIMIT 1)"""


def claim(
    kind: str,
    shares: Mapping[Lane, int],
    *,
    worker: uuid.UUID,
    deadline: float,
    ahead: bool = False,
) -> list[Claim]:
    """`queued → running`: own up to the given number of due jobs of each lane.

    `deadline` is in seconds. `ahead` takes jobs that are not due yet (for tests).
    """
    claims: list[Claim] = []
    for some in batched(shares.items(), LANES_CLAIMED):
        claims += _claim(kind, some, worker, deadline, ahead)
    return claims


def _claim(
    kind: str,
    shares: Sequence[tuple[Lane, int]],
    worker: uuid.UUID,
    deadline: float,
    ahead: bool,
) -> list[Claim]:
    speak = words()
    due = "" if ahead else f"AND run_at <= {speak.now}"
    pick = f"""SELECT id FROM (
        SELECT id FROM jobs_job
        WHERE state = 'queued' AND kind = %s AND priority = %s AND lane = %s {due}
        ORDER BY run_at LIMIT %s {speak.skip_locked}) AS lane_{{}}"""
    picks = " UNION ALL ".join(pick.format(number) for number in range(len(shares)))
    sql = f"""
        WITH picked AS MATERIALIZED ({picks})
        UPDATE jobs_job SET state = 'running', attempts = attempts + 1, fence = fence + 1,
          worker = %s, lease_until = {speak.later("%s")}, deadline_at = {speak.later("%s")}
        WHERE state = 'queued' AND id IN (SELECT id FROM picked)
        RETURNING {CLAIM_COLUMNS}
    """
    values: list[Value] = []
    for lane, count in shares:
        values += [kind, lane.priority, speak.key(lane.lane), count]
    values += [speak.key(worker), settings.JOB_LEASE_SECONDS, deadline]
    return [_read_claim(row) for row in _execute(sql, values)]


def heartbeat(claims: Sequence[Claim]) -> set[uuid.UUID]:
    """Extend the leases of owned jobs that are within their deadline."""
    speak = words()
    return _move(
        f"""UPDATE jobs_job SET lease_until = {speak.later("%s")}
        WHERE {OWNED} AND deadline_at > {speak.now} RETURNING id""",
        claims,
        settings.JOB_LEASE_SECONDS,
    )


def finish(claims: Sequence[Claim]) -> set[uuid.UUID]:
    """`running → done`."""
    return _move(
        f"""UPDATE jobs_job SET state = 'done', finished_at = {words().now}, lease_until = NULL,
          error = ''
        WHERE {OWNED} RETURNING id""",
        claims,
    )


def hand_back(claims: Sequence[Claim]) -> set[uuid.UUID]:
    """`running → queued` at an orderly stop: the attempt does not count."""
    now = words().now
    return _move(
        f"""UPDATE jobs_job SET state = 'queued', attempts = attempts - 1, lease_until = NULL,
          run_at = {now}, ring_at = {now}
        WHERE {OWNED} RETURNING id""",
        claims,
    )


def put_back(jobs: Sequence[tuple[Claim, float, str]]) -> set[uuid.UUID]:
    """`running → queued`, each due in the given seconds and with the given error."""
    due, unheard = "own.column3", f"(own.column3 + {RING_AGAIN_IN})"
    return _move_each(
        f"""UPDATE jobs_job SET state = 'queued', lease_until = NULL, rings = 0,
          run_at = {words().later(due)}, ring_at = {words().later(unheard)},
          error = own.column4""",
        [(claim, round(delay, 3), error) for claim, delay, error in jobs],
    )


def bury(jobs: Sequence[tuple[Claim, str]]) -> set[uuid.UUID]:
    """`running → dead`, each with the given error."""
    return _move_each(
        f"""UPDATE jobs_job SET state = 'dead', lease_until = NULL, finished_at = {words().now},
          error = own.column3""",
        jobs,
    )


def has_expired() -> bool:
    """Whether `release_expired` would find any: a read, which takes no lock."""
    sql = f"""SELECT 1 FROM jobs_job
        WHERE state = 'running' AND lease_until < {words().now} LIMIT 1"""
    return bool(_execute(sql))


def release_expired(limit: int) -> list[Released]:
    """`running → queued`, or `→ dead` with the last attempt, where the lease has run out."""
    speak = words()
    used_up = "attempts >= max_attempts"
    sql = f"""
        WITH expired AS MATERIALIZED (
          SELECT id FROM jobs_job WHERE state = 'running' AND lease_until < {speak.now}
          ORDER BY lease_until LIMIT %s {speak.skip_locked})
        UPDATE jobs_job SET state = CASE WHEN {used_up} THEN 'dead' ELSE 'queued' END,
          finished_at = CASE WHEN {used_up} THEN {speak.now} END,
          lease_until = NULL, run_at = {speak.now}, ring_at = {speak.now}, rings = 0,
          error = 'the worker was not heard of before the lease ran out'
        WHERE state = 'running' AND lease_until < {speak.now} AND id IN (SELECT id FROM expired)
        RETURNING {CLAIM_COLUMNS}
    """
    rows = _execute(sql, [limit])
    return [Released(claim=_read_claim(row), dead=row[-1] == "dead") for row in rows]


def ring_again(limit: int) -> list[uuid.UUID]:
    """Ids of due jobs whose bell nobody answered; waits between rings double, from 2 s to 60 s."""
    speak = words()
    wait = f"CASE WHEN rings < 5 THEN {RING_AGAIN_IN} * (1 << rings) ELSE 60 END"
    sql = f"""
        WITH unheard AS MATERIALIZED (
          SELECT id FROM jobs_job
          WHERE state = 'queued' AND ring_at <= {speak.now} AND run_at <= {speak.now}
          ORDER BY ring_at LIMIT %s {speak.skip_locked})
        UPDATE jobs_job SET rings = rings + 1, ring_at = {speak.later(f"({wait})")}
        WHERE state = 'queued' AND id IN (SELECT id FROM unheard) RETURNING id
    """
    return [_uuid(row[0]) for row in _execute(sql, [limit])]


def _move(sql: str, claims: Sequence[Claim], *values: Value) -> set[uuid.UUID]:
    """Run `sql` for the owned of `claims`; `values` come before them in it."""
    if not claims:
        return set()
    own: list[Value] = [*values]
    for claim in claims:
        own += [words().key(claim.id), claim.fence]
    rows = _execute(sql.format(own=_places(len(claims), 2)), own)
    return {_uuid(row[0]) for row in rows}


def _move_each(update: str, jobs: Sequence[tuple[Claim, *tuple[Value, ...]]]) -> set[uuid.UUID]:
    """Run `update` with each owned job's values, which it knows as own.column3 and on."""
    if not jobs:
        return set()
    own: list[Value] = []
    for claim, *values in jobs:
        own += [words().key(claim.id), claim.fence, *values]
    sql = f"""{update} FROM (VALUES {_places(len(jobs), 1 + len(jobs[0]))}) AS own
        WHERE jobs_job.state = 'running'
          AND jobs_job.id = own.column1 AND jobs_job.fence = own.column2
        RETURNING jobs_job.id"""
    return {_uuid(row[0]) for row in _execute(sql, own)}


def _places(rows: int, columns: int) -> str:
    return ", ".join(["(" + ", ".join(["%s"] * columns) + ")"] * rows)


def _execute(sql: str, values: Sequence[Value] = ()) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, tuple(values))
        return list(cursor.fetchall())


def _head(row: Row) -> Head:
    kind, priority, lane, wait = row
    return Head(kind=str(kind), lane=Lane(int(str(priority)), _uuid(lane)), wait=float(str(wait)))


def _read_claim(row: Row) -> Claim:
    id, kind, subject, payload, organisation, attempt, max_attempts, fence, lane, _ = row
    return Claim(
        id=_uuid(id),
        kind=str(kind),
        subject=None if subject is None else _uuid(subject),
        payload=json.loads(str(payload)),
        organisation_id=None if organisation is None else _uuid(organisation),
        attempt=int(str(attempt)),
        max_attempts=int(str(max_attempts)),
        fence=int(str(fence)),
        lane=_uuid(lane),
    )


def _uuid(value: object) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
