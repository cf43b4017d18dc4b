"""Jobs from enqueue to their end, run by `drain`."""

import uuid

import pytest

from jobs import work
from jobs.models import Job, JobState
from jobs.services import Job as NewJob
from jobs.services import cancel_jobs, enqueue, enqueue_many
from jobs.testing import drain
from organisations.models import Organisation
from tests.jobs.handlers import NOTES

pytestmark = pytest.mark.django_db


def put(organisation: Organisation, **orders: object) -> uuid.UUID:
    subject = uuid.uuid4()
    enqueue(
        "test.obey",
        organisation_id=organisation.id,
        subject=subject,
        payload=orders,
        max_attempts=3,
    )
    return Job.objects.get(subject=subject).id


def state(id: uuid.UUID) -> JobState:
    return JobState(Job.objects.get(id=id).state)


def test_a_job_is_performed_committed_and_done(organisation):
    id = put(organisation)
    assert drain() == 1
    assert NOTES.performed == NOTES.committed == [id]
    job = Job.objects.get()
    assert (job.state, job.attempts, job.fence) == (JobState.DONE, 1, 1)
    assert job.finished_at is not None


def test_a_job_without_an_organisation_runs(db):
    enqueue("test.obey", organisation_id=None)
    assert drain() == 1
    assert Job.objects.get().state == JobState.DONE


def test_a_job_that_fails_is_tried_again_later_and_then_done(organisation):
    id = put(organisation, fail=2)
    drain()
    job = Job.objects.get(id=id)
    assert (job.state, job.attempts) == (JobState.QUEUED, 1)
    assert job.error == "ValueError: asked to fail"
    assert drain(ahead=True) == 2
    assert (state(id), len(NOTES.committed)) == (JobState.DONE, 1)
    assert Job.objects.get(id=id).error == ""


def test_a_poison_job_is_dead_after_exactly_max_attempts(organisation):
    id = put(organisation, fail=99)
    assert drain(ahead=True) == 3
    assert state(id) == JobState.DEAD
    assert len(NOTES.performed) == 3
    assert NOTES.buried == [(id, "ValueError: asked to fail")]
    assert drain(ahead=True) == 0


def test_a_permanent_failure_is_buried_at_once(organisation):
    id = put(organisation, permanent=True)
    assert drain(ahead=True) == 1
    assert (state(id), len(NOTES.buried)) == (JobState.DEAD, 1)


def test_a_job_with_nothing_left_to_do_is_closed_without_being_performed(organisation):
    id = put(organisation, nothing=True)
    drain()
    assert (state(id), NOTES.performed, NOTES.committed) == (JobState.DONE, [], [])


def test_an_outcome_may_put_the_job_back(organisation):
    id = put(organisation, again_in=60)
    drain()
    assert (state(id), NOTES.committed) == (JobState.QUEUED, [id])
    drain(ahead=True)
    assert (state(id), NOTES.committed) == (JobState.DONE, [id, id])


def test_one_job_that_cannot_be_loaded_does_not_sink_the_others(organisation):
    good = [put(organisation) for _ in range(3)]
    bad = put(organisation, bad_load=True)
    drain()
    assert {state(id) for id in good} == {JobState.DONE}
    assert state(bad) == JobState.QUEUED
    drain(ahead=True)
    assert state(bad) == JobState.DEAD


def test_one_job_that_cannot_be_committed_does_not_sink_the_others(organisation):
    good = [put(organisation) for _ in range(3)]
    bad = put(organisation, bad_commit=True)
    drain(ahead=True)
    assert {state(id) for id in good} == {JobState.DONE}
    assert sorted(NOTES.committed) == sorted(good)
    assert state(bad) == JobState.DEAD
    assert [id for id, _ in NOTES.buried] == [bad]


def test_a_job_that_cannot_even_be_buried_is_dead_all_the_same(organisation):
    id = put(organisation, permanent=True, bad_bury=True)
    drain(ahead=True)
    assert state(id) == JobState.DEAD


def test_of_jobs_with_one_dedupe_key_the_first_stays(organisation):
    for number in range(3):
        enqueue(
            "test.obey",
            organisation_id=organisation.id,
            payload={"number": number},
            dedupe_key="once",
        )
    assert Job.objects.get().payload == {"number": 0}


def test_a_job_for_later_waits(organisation):
    enqueue("test.obey", organisation_id=organisation.id, run_in=60)
    assert drain() == 0
    assert drain(ahead=True) == 1


def test_lower_priority_numbers_run_first(organisation):
    jobs = [
        NewJob(
            kind="test.obey",
            organisation_id=organisation.id,
            priority=priority,
            payload={"sleep": 0},
        )
        for priority in [5] * 22 + [-1] * 22
    ]
    enqueue_many(jobs)
    drain()
    priorities = dict(Job.objects.values_list("id", "priority"))
    ran = [priorities[id] for id in NOTES.performed]
    assert ran[:22] == [-1] * 22


def test_a_cancelled_job_does_not_run(organisation):
    id = put(organisation)
    subject = Job.objects.get(id=id).subject
    assert cancel_jobs("test.obey", subject) == 1
    assert drain() == 0
    assert state(id) == JobState.CANCELLED


def test_a_job_cancelled_while_it_runs_commits_nothing(organisation, monkeypatch):
    id = put(organisation)
    subject = Job.objects.get(id=id).subject
    close = work.close

    def cancel_then_close(verdicts):
        cancel_jobs("test.obey", subject)
        close(verdicts)

    monkeypatch.setattr(work, "close", cancel_then_close)
    drain()
    assert (state(id), NOTES.committed) == (JobState.CANCELLED, [])


def test_jobs_of_an_unknown_kind_stay_for_a_process_that_knows_them(organisation):
    enqueue("test.newer", organisation_id=organisation.id)
    assert drain() == 0
    assert Job.objects.get().state == JobState.QUEUED


def test_many_jobs_are_enqueued_with_one_query(organisation, django_assert_num_queries):
    jobs = [NewJob(kind="test.obey", organisation_id=organisation.id) for _ in range(50)]
    with django_assert_num_queries(1):
        enqueue_many(jobs)
    assert drain() == 50
