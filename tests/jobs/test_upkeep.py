"""Sweeping, leading, and periodic work."""

import uuid
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from jobs import leadership, periodic, queue, sweeper, work
from jobs.models import Job, JobState, Leadership, Tally
from jobs.services import Job as NewJob
from jobs.services import enqueue_many
from jobs.sweeper import Sweeper
from tests.jobs.handlers import NOTES

pytestmark = pytest.mark.django_db

ME, OTHER = uuid.uuid4(), uuid.uuid4()
CALLS: list[str] = []


def note() -> None:
    CALLS.append("note")


def break_down() -> None:
    CALLS.append("break")
    raise ValueError("broken")


@pytest.fixture(autouse=True)
def no_calls():
    CALLS.clear()


def lose(organisation, number=1, **orders):
    """Jobs whose worker went away with their last attempt."""
    job = NewJob(kind="test.obey", organisation_id=organisation.id, payload=orders, max_attempts=1)
    enqueue_many([job] * number)
    shares = {head.lane: number for head in queue.find_heads()}
    queue.claim("test.obey", shares, worker=OTHER, deadline=600)
    Job.objects.update(lease_until=Now() - timedelta(seconds=1))


def test_one_leads_until_its_lease_ends():
    assert leadership.lead("x", ME, 10)
    assert leadership.lead("x", ME, 10)
    assert not leadership.lead("x", OTHER, 10)
    Leadership.objects.update(until=Now() - timedelta(seconds=1))
    assert leadership.lead("x", OTHER, 10)
    assert not leadership.lead("x", ME, 10)


def test_a_turn_is_taken_once_an_interval(settings):
    settings.PERIODIC = {"note": (60, f"{__name__}.note")}
    periodic.run_due(ME)
    periodic.run_due(ME)
    periodic.run_due(OTHER)
    assert CALLS == ["note"]
    Leadership.objects.update(until=Now() - timedelta(seconds=1))
    periodic.run_due(OTHER)
    assert CALLS == ["note", "note"]


def test_a_periodic_function_that_fails_does_not_stop_the_others(settings):
    settings.PERIODIC = {
        "break": (60, f"{__name__}.break_down"),
        "note": (60, f"{__name__}.note"),
    }
    periodic.run_due(ME)
    assert CALLS == ["break", "note"]


def test_the_leader_sweeps_and_buries_spent_jobs(organisation):
    lose(organisation, 3)
    Sweeper(ME).sweep()
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.DEAD}
    assert len(NOTES.buried) == 3
    assert Tally.objects.get(name="lease_expiries").value == 3


def test_who_does_not_lead_sweeps_nothing(organisation):
    lose(organisation)
    leadership.lead("sweeper", OTHER, 10)
    Sweeper(ME).sweep()
    assert Job.objects.get().state == JobState.RUNNING


def test_a_handler_that_cannot_bury_does_not_hold_the_others_up(organisation):
    lose(organisation, bad_bury=True)
    lose(organisation)
    assert work.release_expired(10) == 2
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.DEAD}
    assert len(NOTES.buried) == 1


def test_what_ended_long_ago_is_forgotten(organisation):
    enqueue_many([NewJob(kind="k", organisation_id=organisation.id)] * 4)
    ended = [(JobState.DONE, 2), (JobState.DONE, 0), (JobState.DEAD, 2), (JobState.DEAD, 31)]
    for job, (state, days) in zip(Job.objects.all(), ended, strict=True):
        at = Now() - timedelta(days=days)
        Job.objects.filter(id=job.id).update(state=state, finished_at=at)
    sweeper.forget_old()
    assert sorted(Job.objects.values_list("state", flat=True)) == ["dead", "done"]
