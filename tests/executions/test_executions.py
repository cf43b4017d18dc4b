"""Executions: done once, resumed once, replayed from their journal, within their limits."""

import threading

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from executions import engine, queries, services
from executions.models import Execution, ExecutionStatus, ExecutionStep, StepState
from jobs.models import Job, JobState
from jobs.testing import drain
from organisations.actor import Actor, system
from organisations.models import Organisation
from tests.executions import workflows
from tests.executions.workflows import DONE, FAIL_AT
from vocabulary.errors import Conflict, InvalidRequest, NotFound

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def table(settings):
    DONE.clear()
    FAIL_AT.clear()
    names = ("two_steps", "asks", "waits_twice", "wanders", "endless", "hoards")
    settings.WORKFLOWS = {name: f"{workflows.__name__}.{name}" for name in names}
    settings.JOBS = {"executions.advance": "executions.engine.Advance"}


@pytest.fixture
def actor(db) -> Actor:
    return system(Organisation.objects.create(slug="acme", name="Acme").id)


def start(actor: Actor, workflow: str, **input: object) -> Execution:
    return services.start(actor, workflow, name=workflow, input=input)


def seen(actor: Actor, execution: Execution) -> Execution:
    return queries.get_execution(actor, execution.id)


def test_a_workflow_runs_to_its_result(actor):
    execution = start(actor, "two_steps", value=7)
    drain()
    execution = seen(actor, execution)
    assert execution.status == ExecutionStatus.COMPLETED
    assert execution.result == {
        "answer": {"step": "second", "value": {"step": "first", "value": 7}}
    }
    assert execution.progress == {"done": 1}
    assert DONE == ["first", "second"]
    assert execution.started_at and execution.finished_at


def test_the_same_name_and_input_are_the_same_execution(actor):
    first, second = start(actor, "two_steps", value=1), start(actor, "two_steps", value=1)
    assert first.id == second.id
    drain()
    assert DONE == ["first", "second"]
    assert start(actor, "two_steps", value=1).status == ExecutionStatus.COMPLETED


def test_the_same_name_with_other_input_is_a_conflict(actor):
    start(actor, "two_steps", value=1)
    with pytest.raises(Conflict):
        start(actor, "two_steps", value=2)


def test_a_retry_skips_the_steps_that_were_completed(actor):
    FAIL_AT.add("second")
    execution = start(actor, "two_steps")
    drain()
    assert seen(actor, execution).status == ExecutionStatus.RUNNING
    FAIL_AT.clear()
    drain(ahead=True)
    assert seen(actor, execution).status == ExecutionStatus.COMPLETED
    assert DONE == ["first", "second", "second"]


def test_a_workflow_that_keeps_failing_is_failed_with_its_last_error(actor):
    FAIL_AT.add("first")
    execution = start(actor, "two_steps")
    drain(ahead=True)
    execution = seen(actor, execution)
    assert (execution.status, execution.error) == ("failed", "ValueError: first failed")


def test_a_wait_parks_the_execution_until_it_is_resumed(actor):
    execution = start(actor, "asks")
    drain()
    assert seen(actor, execution).status == ExecutionStatus.WAITING
    assert not Job.objects.exclude(state=JobState.DONE).exists()
    services.resume(actor, execution.id, {"yes": True})
    drain()
    assert seen(actor, execution).result == {"approval": {"yes": True}}
    assert DONE == ["ask"]


def test_an_answer_that_comes_before_the_wait_is_kept(actor, monkeypatch):
    execution = start(actor, "asks")

    def answer_at_once(step, value=None):
        services.resume(actor, execution.id, "early")
        return None

    monkeypatch.setattr(workflows, "do", answer_at_once)
    drain()
    assert seen(actor, execution).result == {"approval": "early"}


def test_an_answer_between_the_wait_and_the_parking_is_not_lost(actor, monkeypatch):
    execution = start(actor, "waits_twice")
    park = engine._park

    def answered_just_before(claim, step):
        if step == "a":
            services.resume(actor, execution.id, 1)
        park(claim, step)

    monkeypatch.setattr(engine, "_park", answered_just_before)
    drain()
    services.resume(actor, execution.id, 2)
    drain()
    assert seen(actor, execution).result == [1, 2]


def test_an_execution_is_resumed_once(actor):
    execution = start(actor, "asks")
    drain()
    services.resume(actor, execution.id, "first")
    with pytest.raises(Conflict):
        services.resume(actor, execution.id, "second")
    drain()
    assert seen(actor, execution).result == {"approval": "first"}


def test_of_many_who_resume_at_once_one_wins(actor):
    execution = start(actor, "asks")
    drain()
    won: list[int] = []

    def try_to(number: int) -> None:
        try:
            services.resume(actor, execution.id, number)
            won.append(number)
        except Conflict:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=try_to, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert drain() == 1
    assert seen(actor, execution).result == {"approval": won[0]}


def test_a_resume_in_a_transaction_that_fails_did_not_happen(actor):
    execution = start(actor, "asks")
    drain()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.resume(actor, execution.id, "lost")
        raise ZeroDivisionError
    assert seen(actor, execution).status == ExecutionStatus.WAITING
    services.resume(actor, execution.id, "kept")
    drain()
    assert seen(actor, execution).result == {"approval": "kept"}


def test_a_step_that_must_not_be_repeated_is_interrupted_after_a_crash(actor):
    execution = start(actor, "asks")
    FAIL_AT.add("ask")
    drain(ahead=True)
    assert DONE == ["ask"]
    assert seen(actor, execution).status == ExecutionStatus.FAILED
    assert ExecutionStep.unscoped.get(name="ask").state == StepState.INTERRUPTED


def test_a_step_asked_for_with_other_input_on_replay_fails(actor, monkeypatch):
    FAIL_AT.add("same")
    execution = start(actor, "wanders")
    drain(ahead=True)
    assert seen(actor, execution).error.startswith("Changed")


def test_an_execution_has_at_most_a_thousand_steps(actor, monkeypatch):
    monkeypatch.setattr("executions.journal.MAX_STEPS", 5)
    execution = start(actor, "endless")
    drain(ahead=True)
    assert seen(actor, execution).error.startswith("TooLong")
    assert len(DONE) == 5


def test_a_journal_has_at_most_ten_megabytes(actor):
    execution = start(actor, "hoards")
    drain(ahead=True)
    execution = seen(actor, execution)
    assert execution.error.startswith("TooLong")
    assert 9_000_000 < execution.journal_bytes <= 10_000_000


def test_a_cancelled_execution_does_nothing_more(actor):
    execution = start(actor, "asks")
    drain()
    assert services.cancel(actor, execution.id).status == ExecutionStatus.CANCELLED
    with pytest.raises(Conflict):
        services.resume(actor, execution.id, "late")
    assert drain(ahead=True) == 0


def test_a_workflow_cancelled_in_the_middle_stops_at_its_next_step(actor, monkeypatch):
    execution = start(actor, "two_steps")

    def cancel(step, value=None):
        DONE.append(step)
        services.cancel(actor, execution.id)
        return None

    monkeypatch.setattr(workflows, "do", cancel)
    drain(ahead=True)
    assert DONE == ["first"]
    assert seen(actor, execution).status == ExecutionStatus.CANCELLED


def test_an_execution_that_is_not_finished_in_time_fails(actor):
    execution = start(actor, "asks")
    drain()
    Execution.unscoped.update(deadline_at=Now())
    services.fail_overdue_executions()
    execution = seen(actor, execution)
    assert (execution.status, execution.error) == ("failed", "not finished within 24 h")


def test_another_organisations_execution_does_not_exist(actor):
    execution = start(actor, "asks")
    drain()
    other = system(Organisation.objects.create(slug="other", name="Other").id)
    for act in (queries.get_execution, services.cancel):
        with pytest.raises(NotFound):
            act(other, execution.id)
    with pytest.raises(NotFound):
        services.resume(other, execution.id, None)


def test_a_payload_is_at_most_256_kilobytes(actor):
    execution = start(actor, "asks")
    drain()
    with pytest.raises(InvalidRequest):
        services.resume(actor, execution.id, "x" * 300_000)
