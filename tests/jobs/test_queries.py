"""The figures that an operator watches."""

import uuid
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from jobs import queries, queue, tallies, workers
from jobs.models import Job, Worker
from jobs.services import enqueue

pytestmark = pytest.mark.django_db


def test_an_empty_queue_has_nothing_due():
    assert queries.figures() == queries.Figures(
        by_kind={}, oldest_due=0.0, workers=0, lease_expiries=0, rings_again=0
    )


def test_the_oldest_due_job_is_measured_by_the_databases_clock(organisation):
    enqueue("test.obey", organisation_id=organisation.id, run_in=-30)
    enqueue("test.obey", organisation_id=organisation.id, run_in=60)
    assert queries.oldest_due() == pytest.approx(30, abs=2)


def test_jobs_are_counted_by_kind_and_state(organisation):
    for kind in ("test.obey", "test.obey", "test.other"):
        enqueue(kind, organisation_id=organisation.id)
    head = queue.find_heads()[-1]
    queue.claim(head.kind, {head.lane: 1}, worker=uuid.uuid4(), deadline=600)
    assert queries.figures().by_kind == {
        ("test.obey", "queued"): 2,
        ("test.other", "running"): 1,
    }


def test_workers_count_while_they_are_heard_of():
    seen, lost = uuid.uuid4(), uuid.uuid4()
    workers.sign_in(seen)
    workers.sign_in(seen)
    workers.sign_in(lost)
    Worker.objects.filter(id=lost).update(seen_at=Now() - timedelta(minutes=5))
    assert queries.workers_seen() == 1


def test_tallies_add_up():
    tallies.add(tallies.LEASE_EXPIRIES, 2)
    tallies.add(tallies.LEASE_EXPIRIES, 3)
    assert queries.figures().lease_expiries == 5


def test_figures_take_four_queries(organisation, django_assert_num_queries):
    enqueue("test.obey", organisation_id=organisation.id)
    with django_assert_num_queries(4):
        queries.figures()
    assert Job.objects.count() == 1
