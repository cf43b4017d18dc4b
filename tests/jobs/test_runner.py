"""The runner: in flight together, fair, awake when rung, orderly at the end."""

import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from jobs import queue
from jobs.models import Job, JobState, Worker
from jobs.runner import Runner
from jobs.services import Job as NewJob
from jobs.services import enqueue, enqueue_many
from tests.jobs.handlers import NOTES
from tests.jobs.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


def count(state: JobState) -> int:
    return Job.objects.filter(state=state).count()


@pytest.fixture
def start() -> Iterator[Callable[[], Runner]]:
    runners: list[Runner] = []

    def start(poll: float = 30.0) -> Runner:
        runner = Runner(poll=poll)
        runner.start()
        runners.append(runner)
        return runner

    yield start
    for runner in runners:
        runner.stop(grace=0)


def put(organisation, number=1, **orders):
    enqueue_many(
        [
            NewJob(kind="test.obey", organisation_id=organisation.id, payload=orders)
            for _ in range(number)
        ]
    )


def test_a_ring_wakes_the_runner_long_before_its_poll(start, organisation):
    start()
    time.sleep(0.3)
    began = time.monotonic()
    put(organisation)
    until(lambda: count(JobState.DONE) == 1)
    assert time.monotonic() - began < 2


def test_a_lost_ring_is_forgiven_by_the_poll(start, organisation, monkeypatch):
    monkeypatch.setattr("jobs.doorbell.wake", lambda: None)
    start(poll=0.2)
    time.sleep(0.3)
    put(organisation)
    until(lambda: count(JobState.DONE) == 1)


def test_a_job_put_off_runs_when_it_is_due_and_not_at_the_next_poll(start, organisation):
    start()
    enqueue("test.obey", organisation_id=organisation.id, run_in=0.5)
    time.sleep(0.2)
    assert NOTES.performed == []
    until(lambda: count(JobState.DONE) == 1, seconds=5)


def test_jobs_are_performed_together_up_to_the_limit_of_their_kind(start, organisation):
    put(organisation, 60, sleep=0.1)
    start()
    until(lambda: count(JobState.DONE) == 60)
    assert 15 <= NOTES.most["test.obey"] <= 20
    assert len(NOTES.committed) == len(set(NOTES.committed)) == 60


def test_a_lane_whose_jobs_hang_leaves_slots_to_the_others(start, organisation, neighbour):
    put(organisation, 50, sleep=30)
    start()
    until(lambda: NOTES.performing["test.obey"] == 20)
    put(neighbour, 5)
    until(lambda: count(JobState.DONE) == 5, seconds=5)


def test_two_runners_never_run_one_job_twice(start, organisation):
    put(organisation, 200)
    start()
    start()
    until(lambda: count(JobState.DONE) == 200)
    assert len(NOTES.performed) == len(set(NOTES.performed)) == 200
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


def test_a_long_job_keeps_its_lease(start, organisation, settings):
    settings.JOB_LEASE_SECONDS = 0.6
    put(organisation, sleep=2)
    start()
    until(lambda: count(JobState.DONE) == 1)
    assert Job.objects.get().attempts == 1


def test_work_whose_lease_was_lost_is_cancelled_and_commits_nothing(start, organisation, settings):
    settings.JOB_LEASE_SECONDS = 0.6
    put(organisation, sleep=30)
    start()
    until(lambda: NOTES.performing["test.obey"] == 1)
    Job.objects.update(fence=99)
    until(lambda: NOTES.performing["test.obey"] == 0)
    assert NOTES.committed == []


def test_an_expired_lease_is_swept_and_the_job_done_by_another(start, organisation):
    put(organisation)
    lost = queue.claim(
        "test.obey", {queue.find_heads()[0].lane: 1}, worker=uuid.uuid4(), deadline=600
    )
    Job.objects.update(lease_until="2020-01-01T00:00:00Z")
    start()
    until(lambda: count(JobState.DONE) == 1)
    assert Job.objects.get().attempts == 2
    assert queue.finish(lost) == set()


def test_a_stop_hands_jobs_back_and_returns_their_attempt(start, organisation):
    put(organisation, 3, sleep=30)
    runner = start()
    until(lambda: NOTES.performing["test.obey"] == 3)
    runner.stop(grace=0.1)
    assert set(Job.objects.values_list("state", "attempts", "fence")) == {("queued", 0, 1)}
    assert Worker.objects.count() == 0


def test_a_stop_lets_short_jobs_end(start, organisation):
    put(organisation, 3, sleep=0.5)
    runner = start()
    until(lambda: NOTES.performing["test.obey"] == 3)
    runner.stop(grace=10)
    assert count(JobState.DONE) == 3


def test_a_job_over_its_deadline_fails(start, organisation, monkeypatch):
    monkeypatch.setattr("tests.jobs.handlers.Obedient.deadline", 0.2, raising=False)
    put(organisation, sleep=30)
    start()
    until(lambda: "TimeoutError" in Job.objects.get().error)
    assert Job.objects.get().state == JobState.QUEUED


def test_a_running_worker_is_signed_in(start):
    runner = start()
    until(lambda: Worker.objects.filter(id=runner.id).exists())


def test_the_runner_goes_on_after_the_database_cut_its_connections(start, organisation):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connections to cut")
    start(poll=0.2)
    for _ in range(3):
        put(organisation, 10, sleep=0.1)
        time.sleep(0.1)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    until(lambda: count(JobState.DONE) == 30, seconds=15)
    assert len(NOTES.committed) == len(set(NOTES.committed)) == 30
