"""Celery workers behind a real broker: the doorbell is heard, and nothing depends on it."""

import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from kombu import Connection

from common import plugboard
from jobs.models import Job, JobState, Worker
from jobs.publisher import Publisher
from jobs.services import Job as NewJob
from jobs.services import enqueue_many
from tests.jobs import processes
from tests.jobs.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chaos]

BROKERS = {
    "redis": "redis://127.0.0.1:6379/9",
    "rabbitmq": "amqp://guest:guest@127.0.0.1:5672//",
}
NOBODY = {"redis": "redis://127.0.0.1:1/0", "rabbitmq": "amqp://guest:guest@127.0.0.1:1//"}


@pytest.fixture(params=BROKERS)
def broker(request) -> str:
    url = BROKERS[request.param]
    try:
        with Connection(url, connect_timeout=2) as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
    except Exception as error:
        pytest.skip(f"no {request.param} at {url}: {error}")
    return url


@pytest.fixture
def ring_through(settings, monkeypatch) -> Iterator[Callable[[str], None]]:
    """Makes this process ring through a broker, with a connection of its own."""

    def ring_through(url: str) -> None:
        settings.CELERY_BROKER_URL = url
        monkeypatch.setattr("jobs.publisher.publish", Publisher().publish)
        plugboard.load.cache_clear()

    yield ring_through
    plugboard.load.cache_clear()


@pytest.fixture
def run(db) -> Iterator[subprocess.Popen[bytes]]:
    started: list[subprocess.Popen[bytes]] = []

    def run(broker: str) -> subprocess.Popen[bytes]:
        command = (*processes.WORKER, *processes.WORKER_OPTIONS)
        started.append(processes.start(command, CELERY_BROKER_URL=broker))
        until(lambda: Worker.objects.exists(), seconds=30)
        return started[-1]

    yield run
    for process in started:
        process.terminate()
        process.wait(timeout=30)


def put(organisation, number: int = 1, sleep: float = 0) -> None:
    jobs = [
        NewJob(kind="test.receipts", organisation_id=organisation.id, payload={"sleep": sleep})
        for _ in range(number)
    ]
    enqueue_many(jobs)


def done() -> int:
    return Job.objects.filter(state=JobState.DONE).count()


def receipts() -> Counter[uuid.UUID]:
    return Counter(Job.objects.filter(kind="test.receipt").values_list("subject", flat=True))


def test_a_ring_through_the_broker_wakes_a_worker(broker, run, organisation, ring_through):
    ring_through(broker)
    run(broker)
    time.sleep(2)
    waits = []
    for number in range(5):
        began = time.monotonic()
        put(organisation)
        until(lambda number=number: done() == number + 1)
        waits.append(time.monotonic() - began)
        time.sleep(0.3)
    assert sorted(waits)[2] < 1.5
    assert set(receipts().values()) == {1}


def test_a_worker_does_jobs_though_its_broker_is_down(run, organisation):
    run(NOBODY["redis"])
    put(organisation, 20)
    until(lambda: done() == 20)


def test_a_worker_that_is_told_to_end_hands_its_jobs_back(broker, run, organisation):
    worker = run(broker)
    put(organisation, 3, sleep=0.5)
    until(lambda: Job.objects.filter(state=JobState.RUNNING).count() == 3)
    worker.terminate()
    worker.wait(timeout=30)
    assert done() == 3
    assert not Worker.objects.exists()


@pytest.mark.parametrize("url", NOBODY.values(), ids=NOBODY)
def test_work_is_accepted_without_delay_while_the_broker_is_down(url, organisation, ring_through):
    ring_through(url)
    began = time.monotonic()
    for _ in range(20):
        put(organisation)
    assert time.monotonic() - began < 1
    assert Job.objects.filter(state=JobState.QUEUED).count() == 20


def test_a_silent_broker_costs_its_thread_two_seconds_and_nobody_else(settings, silent_port):
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{silent_port}/0"
    publisher = Publisher()
    began = time.monotonic()
    outcome = publisher._send(uuid.uuid4())
    assert outcome == "failed"
    assert time.monotonic() - began < 6
    assert publisher._send(uuid.uuid4()) == "withheld"
