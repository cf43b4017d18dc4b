"""The job that finds results works in batches: its queries do not grow with them."""

import asyncio

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from common import ids
from insights import groups, runs, templates
from insights.answers import Answer
from insights.extraction import Extract
from insights.models import Result, Run, Status
from jobs.handlers import Claim, Outcome
from jobs.testing import drain
from tests.insights.conftest import say
from wire.extraction import Finding

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def group(actor, script):
    """Two templates that ask for text."""
    script.answer = lambda question: Finding(value="It was solved.")
    group = groups.create_group(actor, name="g")
    for name in "ab":
        template = templates.create_template(actor, name=name, instructions=name)
        groups.assign(actor, group.id, template.id)
    return group


def claim_all() -> list[Claim]:
    """What the engine would hand to the handler."""
    return [
        Claim(
            id=ids.new_uuid(),
            kind="insights.extract",
            subject=result.id,
            payload={},
            organisation_id=result.organisation_id,
            lane=result.organisation_id,
            attempt=1,
            max_attempts=5,
            fence=1,
        )
        for result in Result.unscoped.filter(status=Status.PENDING)
    ]


def work_through(claims: list[Claim]) -> tuple[int, int]:
    """Load, perform and commit; how many queries loading and committing took."""
    handler = Extract()
    with CaptureQueriesContext(connection) as loading:
        works = handler.load(claims)

    async def perform() -> list[Outcome[Answer]]:
        return await asyncio.gather(*(handler.perform(works[claim.id]) for claim in claims))

    outcomes = asyncio.run(perform())
    with CaptureQueriesContext(connection) as committing, transaction.atomic():
        handler.commit(list(zip(claims, outcomes, strict=True)))
    return len(loading), len(committing)


def test_a_batch_of_many_takes_the_queries_of_a_batch_of_two(actor, talk, group):
    def ask_about(conversations: int) -> tuple[int, int]:
        for _ in range(conversations):
            runs.run_now(actor, talk().pk, group_id=group.id)
        return work_through(claim_all())

    ask_about(1)  # the first event of an organisation makes its counter
    few = ask_about(1)
    assert ask_about(12) == few
    assert few <= (9, 16)
    assert set(Run.unscoped.values_list("status", flat=True)) == {Status.COMPLETED}


def test_each_result_reads_its_own_part_of_a_shared_conversation(actor, talk, script, group):
    conversation = talk()
    runs.run_now(actor, conversation.pk, group_id=group.id)
    say(actor, conversation, "user", "More.")
    runs.run_now(actor, conversation.pk, group_id=group.id)
    drain()
    lengths = sorted(len(question["transcript"]) for question in script.questions)
    assert lengths == [3, 3, 4, 4]


def test_a_run_is_in_progress_from_the_first_load(actor, talk, group):
    run = runs.run_now(actor, talk().pk, group_id=group.id)
    Extract().load(claim_all()[:1])
    run.refresh_from_db()
    assert (run.status, run.started_at is None) == (Status.IN_PROGRESS, False)


def test_a_closed_result_is_not_loaded_and_not_written_again(actor, talk, group):
    runs.run_now(actor, talk().pk, group_id=group.id)
    claims = claim_all()
    work_through(claims)
    before = list(Result.unscoped.order_by("id").values())
    assert Extract().load(claims) == {}
    with transaction.atomic():
        Extract().bury([(claim, "too late") for claim in claims])
    assert list(Result.unscoped.order_by("id").values()) == before


def test_a_buried_job_fails_its_result_and_only_the_last_one_closes_the_run(actor, talk, group):
    run = runs.run_now(actor, talk().pk, group_id=group.id)
    first, last = claim_all()
    for claim, status in ((first, Status.PENDING), (last, Status.FAILED)):
        with transaction.atomic():
            Extract().bury([(claim, "the worker died 5 times")])
        run.refresh_from_db()
        assert run.status == status
    assert run.error == "2 of 2 insights failed: the worker died 5 times"
