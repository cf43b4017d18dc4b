"""Each edge of the state machine, and who may not take it."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from jobs import queue
from jobs.models import Job, JobState
from jobs.services import Job as NewJob
from jobs.services import enqueue_many

pytestmark = pytest.mark.django_db


@pytest.fixture
def claims(organisation):
    return claim(organisation, 3)


def put(organisation, number):
    enqueue_many([NewJob(kind="k", organisation_id=organisation.id) for _ in range(number)])


def claim(organisation, number):
    put(organisation, number)
    shares = {head.lane: number for head in queue.find_heads()}
    return queue.claim("k", shares, worker=uuid.uuid4(), deadline=600)


def states():
    return sorted(Job.objects.values_list("state", flat=True))


def test_a_claim_takes_no_more_than_it_asks_for(organisation):
    put(organisation, 5)
    (head,) = queue.find_heads()
    assert len(queue.claim("k", {head.lane: 2}, worker=uuid.uuid4(), deadline=600)) == 2
    assert states() == ["queued"] * 3 + ["running"] * 2


def test_a_claim_raises_attempts_and_fence_and_sets_the_lease(claims):
    job = Job.objects.annotate(now=Now()).first()
    assert (job.attempts, job.fence) == (1, 1)
    assert timedelta(seconds=25) < job.lease_until - job.now <= timedelta(seconds=30)
    assert timedelta(seconds=590) < job.deadline_at - job.now <= timedelta(seconds=600)


def test_jobs_are_claimed_in_the_order_they_are_due(organisation):
    for run_in in (-10, -30, -20):
        enqueue_many([NewJob(kind="k", organisation_id=organisation.id, run_in=run_in)])
    (head,) = queue.find_heads()
    order = [
        queue.claim("k", {head.lane: 1}, worker=uuid.uuid4(), deadline=600)[0].id for _ in range(3)
    ]
    assert order == list(Job.objects.order_by("run_at").values_list("id", flat=True))


@pytest.mark.parametrize(
    ("move", "state"),
    [
        (queue.finish, "done"),
        (queue.hand_back, "queued"),
        (lambda some: queue.put_back([(c, 1.5, "e") for c in some]), "queued"),
        (lambda some: queue.bury([(c, "e") for c in some]), "dead"),
        (queue.heartbeat, "running"),
    ],
    ids=["finish", "hand_back", "put_back", "bury", "heartbeat"],
)
class TestEdges:
    def test_an_owner_moves_all_its_jobs(self, claims, move, state):
        assert move(claims) == {claim.id for claim in claims}
        assert states() == [state] * 3

    def test_an_old_fence_changes_nothing(self, claims, move, state):
        zombies = [replace(claim, fence=claim.fence - 1) for claim in claims]
        assert move(zombies) == set()
        assert states() == ["running"] * 3

    def test_a_job_that_no_longer_runs_stays_as_it_is(self, claims, move, state):
        Job.objects.update(state=JobState.CANCELLED)
        assert move(claims) == set()
        assert states() == ["cancelled"] * 3

    def test_nothing_is_asked_of_the_database_for_no_job(
        self, move, state, django_assert_num_queries
    ):
        with django_assert_num_queries(0):
            assert move([]) == set()


def test_a_returned_attempt_does_not_count(claims):
    queue.hand_back(claims)
    assert set(Job.objects.values_list("attempts", "fence")) == {(0, 1)}


def test_put_back_jobs_are_due_after_their_own_delay(claims):
    queue.put_back([(claim, 10.0 * n, f"e{n}") for n, claim in enumerate(claims)])
    for n, claim in enumerate(claims):
        job = Job.objects.annotate(now=Now()).get(id=claim.id)
        assert (job.run_at - job.now).total_seconds() == pytest.approx(10 * n, abs=1)
        assert job.error == f"e{n}"


def test_a_heartbeat_does_not_reach_past_the_deadline(claims):
    Job.objects.filter(id=claims[0].id).update(deadline_at=Now() - timedelta(seconds=1))
    assert queue.heartbeat(claims) == {claim.id for claim in claims[1:]}


def test_expired_leases_are_released_and_spent_jobs_die(claims):
    assert queue.release_expired(10) == []
    Job.objects.update(lease_until=Now() - timedelta(seconds=1))
    Job.objects.filter(id=claims[0].id).update(attempts=8)
    released = {job.claim.id: job.dead for job in queue.release_expired(10)}
    assert released == {claim.id: claim is claims[0] for claim in claims}
    assert states() == ["dead", "queued", "queued"]
    assert not queue.has_expired()


def test_unheard_jobs_are_rung_for_after_2_s_doubling_to_60(organisation):
    put(organisation, 1)
    assert queue.ring_again(10) == []
    waits = []
    for _ in range(7):
        Job.objects.update(ring_at=Now())
        assert len(queue.ring_again(10)) == 1
        job = Job.objects.annotate(now=Now()).get()
        waits.append(round((job.ring_at - job.now).total_seconds()))
    assert waits == [2, 4, 8, 16, 32, 60, 60]


def test_the_heads_are_one_job_a_lane_however_long_the_backlog(organisation, neighbour):
    put(organisation, 30)
    put(neighbour, 5)
    enqueue_many([NewJob(kind="later", organisation_id=None, run_in=50)])
    heads = queue.find_heads()
    assert [head.kind for head in heads] == ["k", "k", "later"]
    assert heads[0].wait <= 0 and heads[1].wait <= 0
    assert heads[2].wait == pytest.approx(50, abs=2)


def test_a_claim_of_a_long_backlog_reads_the_index_and_not_the_table(organisation):
    if connection.vendor != "postgresql":
        pytest.skip("asks PostgreSQL's planner")
    put(organisation, 3000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE jobs_job")
        cursor.execute(
            "EXPLAIN SELECT id FROM jobs_job WHERE state = 'queued' AND kind = 'k' AND"
            " priority = 0 AND lane = %s AND run_at <= now() ORDER BY run_at LIMIT 10",
            [organisation.id],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "job_due" in plan and "Sort" not in plan
