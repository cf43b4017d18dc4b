"""Real processes that are killed: no job is lost, and none is committed twice."""

import os
import random
import signal
import time
import uuid
from collections import Counter
from collections.abc import Iterator

import pytest

from jobs.models import Job, JobState
from jobs.services import Job as NewJob
from jobs.services import enqueue_many
from tests.jobs import processes
from tests.jobs.receipts import RECEIPT
from tests.jobs.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chaos]

KILLS = int(os.environ.get("CHAOS_KILLS", "30"))
SEED = int(os.environ.get("CHAOS_SEED", "1"))


class Crew:
    """A number of runner processes; whoever falls is replaced."""

    def __init__(self, size: int) -> None:
        self.processes = [processes.start(processes.RUNNER) for _ in range(size)]

    def kill(self, place: int) -> None:
        fallen = self.processes[place]
        fallen.kill()
        fallen.wait()
        self.processes[place] = processes.start(processes.RUNNER)

    def end(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self.processes:
            process.wait(timeout=30)


@pytest.fixture
def crew(db) -> Iterator[Crew]:
    crew = Crew(3)
    yield crew
    crew.end()


def put(organisation, number: int, **orders: object) -> None:
    jobs = [
        NewJob(
            kind="test.receipts",
            organisation_id=organisation.id,
            payload=orders,
            max_attempts=3 if "die" in orders else 100,
        )
        for _ in range(number)
    ]
    enqueue_many(jobs)


def in_state(state: JobState) -> set[uuid.UUID]:
    return set(Job.objects.filter(kind="test.receipts", state=state).values_list("id", flat=True))


def receipts() -> Counter[uuid.UUID]:
    return Counter(Job.objects.filter(kind=RECEIPT).values_list("subject", flat=True))


def assert_each_committed_once() -> None:
    assert receipts() == Counter(in_state(JobState.DONE))


def test_kills_lose_no_job_and_commit_none_twice(crew, organisation):
    chance = random.Random(SEED)
    put(organisation, 50, sleep=0.05)
    until(lambda: bool(in_state(JobState.DONE)), seconds=30)
    for _ in range(KILLS):
        put(organisation, 20, sleep=0.5)
        time.sleep(chance.uniform(0.1, 0.8))
        crew.kill(chance.randrange(3))
    until(lambda: len(in_state(JobState.DONE)) == 50 + 20 * KILLS, seconds=60)
    assert_each_committed_once()
    assert Job.objects.filter(attempts__gt=1).exists()


def test_a_worker_that_froze_commits_nothing_after_its_lease(crew, organisation):
    put(organisation, 20, sleep=0.05)
    until(lambda: len(in_state(JobState.DONE)) == 20, seconds=30)
    put(organisation, 90, sleep=0.5)
    until(lambda: len(in_state(JobState.RUNNING)) > 60)
    frozen = crew.processes[0]
    frozen.send_signal(signal.SIGSTOP)
    until(lambda: len(in_state(JobState.DONE)) == 110, seconds=30)
    frozen.send_signal(signal.SIGCONT)
    time.sleep(1)
    assert_each_committed_once()


def test_a_job_that_kills_its_process_is_dead_after_exactly_max_attempts(organisation):
    put(organisation, 1, die=True)
    process, runs = processes.start(processes.RUNNER), 0
    while not in_state(JobState.DEAD):
        if process.poll() is not None:
            process, runs = processes.start(processes.RUNNER), runs + 1
        assert runs <= 3
        time.sleep(0.05)
    process.terminate()
    process.wait(timeout=30)
    assert runs == Job.objects.get().attempts == 3
