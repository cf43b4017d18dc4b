"""The runner inside the web process."""

import time

import pytest

from jobs import embedded
from jobs.models import Job, JobState, Worker
from jobs.services import enqueue
from tests.jobs.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def stopped():
    yield
    embedded.stop(grace=0)


def test_without_a_broker_the_web_process_does_the_jobs(organisation):
    embedded.start()
    embedded.start()
    until(lambda: Worker.objects.count() == 1)
    enqueue("test.obey", organisation_id=organisation.id)
    until(lambda: Job.objects.get().state == JobState.DONE)
    embedded.stop(grace=1)
    assert not Worker.objects.exists()


def test_it_may_be_started_again(organisation):
    for number in (1, 2):
        embedded.start()
        enqueue("test.obey", organisation_id=organisation.id)
        until(lambda number=number: Job.objects.filter(state=JobState.DONE).count() == number)
        embedded.stop(grace=1)


def test_with_a_broker_it_leaves_the_jobs_to_workers(organisation, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    embedded.start()
    time.sleep(0.3)
    assert not Worker.objects.exists()
