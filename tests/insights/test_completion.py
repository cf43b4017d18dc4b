"""A run is closed and announced once, whoever writes its last result."""

import threading
import uuid

import pytest
from django.db import connection, transaction

from insights import groups, runs, templates
from insights.answers import Answer
from insights.models import Result, Run, Status
from insights.results import record_answers
from webhooks.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

TEMPLATES = 4
ROUNDS = 5


@pytest.fixture
def group(actor):
    group = groups.create_group(actor, name="g")
    for name in "abcd"[:TEMPLATES]:
        template = templates.create_template(actor, name=name, instructions=name)
        groups.assign(actor, group.id, template.id)
    return group


def write_at_once(result_ids: list[uuid.UUID]) -> None:
    """Each result in a thread and a transaction of its own."""
    ready = threading.Barrier(len(result_ids))

    def write(result_id: uuid.UUID) -> None:
        ready.wait(timeout=30)
        with transaction.atomic():
            record_answers({result_id: Answer(value="a")})
        connection.close()

    threads = [threading.Thread(target=write, args=(id,)) for id in result_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)


def test_of_workers_that_write_the_last_results_at_once_one_closes_the_run(
    actor, talk, script, group
):
    for _ in range(ROUNDS):
        run = runs.run_now(actor, talk().pk, group_id=group.id)
        write_at_once(list(Result.unscoped.filter(runs=run).values_list("id", flat=True)))
        run.refresh_from_db()
        assert run.status == Status.COMPLETED
    told = Event.objects.for_organisation(actor.organisation_id).filter(type="insight.completed")
    assert told.count() == Run.unscoped.count() == ROUNDS


def test_a_run_with_an_open_result_stays_open(actor, talk, script, group):
    run = runs.run_now(actor, talk().pk, group_id=group.id)
    first = Result.unscoped.filter(runs=run).first()
    with transaction.atomic():
        record_answers({first.id: Answer(value="a")})
    run.refresh_from_db()
    assert (run.status, run.finished_at) == (Status.PENDING, None)
