"""A template put to conversations of the past, with a filter, a sample and a budget."""

import uuid
from decimal import Decimal

import pytest

from common import ids
from conversations import services as conversations
from executions.services import cancel
from insights import backfill, runs, templates
from insights.backfill import describe, start_backfill
from insights.candidates import LAST_LOT, draw_lot
from insights.models import Result, Run
from jobs.models import Job
from jobs.testing import drain
from tests.insights.conftest import say
from vocabulary.errors import InvalidRequest, NotFound, UpstreamRefused
from wire.extraction import Finding

pytestmark = pytest.mark.django_db(transaction=True)

ANSWER = Decimal("0.000968")  # USD for 412 and 18 tokens


@pytest.fixture
def template(actor, script):
    script.answer = lambda question: Finding(value="It was solved.")
    return templates.create_template(actor, name="Summary", instructions="Summarise.")


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(backfill, "BATCH", 3)
    monkeypatch.setattr(backfill, "PROBE", 2)


def run_through(actor, template, **terms) -> dict:
    execution = start_backfill(actor, template.id, **terms)
    drain(ahead=True)
    execution.refresh_from_db()
    assert execution.status == "completed", execution.error
    return describe(execution)["progress"]


def test_every_conversation_with_messages_is_asked_about_once(actor, talk, script, template):
    for _ in range(7):
        talk()
    conversations.create_conversation(actor)
    assert run_through(actor, template) == {
        "matching": 7,
        "wanted": 7,
        "estimated_cost": None,
        "ordered": 7,
        "completed": 7,
        "failed": 0,
        "cost": str(7 * ANSWER),
        "stopped": "done",
    }
    assert len(script.requests) == 7
    assert set(Run.unscoped.values_list("trigger", "status")) == {("backfill", "completed")}


def test_a_second_backfill_asks_only_about_what_is_new(actor, talk, script, template):
    grown, _ = talk(), talk()
    run_through(actor, template)
    say(actor, grown, "user", "It broke again.")
    talk()
    progress = run_through(actor, template)
    assert (progress["matching"], progress["ordered"]) == (2, 2)
    assert len(script.requests) == 4
    generations = Result.unscoped.filter(conversation=grown).values_list("generation", flat=True)
    assert sorted(generations) == [1, 2]


def test_what_failed_is_asked_again(actor, talk, script, template):
    talk()
    script.answer = lambda question: UpstreamRefused("no")
    assert run_through(actor, template)["failed"] == 1
    script.answer = lambda question: Finding(value="It was solved.")
    assert run_through(actor, template)["completed"] == 1


def test_a_filter_chooses_conversations_as_a_listing_does(actor, talk, template):
    chosen = talk(channel="phone")
    talk(channel="mail")
    progress = run_through(actor, template, filter={"metadata->channel": ["eq.phone"]})
    assert progress["ordered"] == 1
    assert Run.unscoped.get().conversation_id == chosen.pk


def test_a_sample_is_of_the_size_that_was_asked_for(actor, talk, template):
    lots = sorted(draw_lot(talk().pk) for _ in range(9))
    progress = run_through(actor, template, sample=4)
    assert (progress["matching"], progress["wanted"], progress["completed"]) == (9, 4, 4)
    asked = Run.unscoped.values_list("conversation_id", flat=True)
    assert sorted(map(draw_lot, asked)) == lots[:4]


def test_a_budget_ends_the_backfill_when_it_is_spent(actor, talk, script, template):
    for _ in range(9):
        talk()
    progress = run_through(actor, template, max_cost=ANSWER * 6)
    assert progress["stopped"] == "max_cost"
    assert progress["completed"] == 6
    assert Decimal(progress["cost"]) == ANSWER * 6


def test_a_budget_cannot_be_kept_with_a_model_without_a_price(actor, talk, template):
    templates.update_template(actor, template.id, model="scripted/other")
    for _ in range(9):
        talk()
    progress = run_through(actor, template, max_cost=Decimal(1))
    assert "no price" in progress["stopped"]
    assert progress["completed"] == 2


def test_a_dry_run_counts_and_estimates_and_asks_nobody(actor, talk, script, template):
    for _ in range(4):
        talk()
    runs.run_now(actor, talk().pk, template_ids=[template.id])
    drain(ahead=True)
    progress = run_through(actor, template, sample=3, dry_run=True)
    assert (progress["matching"], progress["wanted"], progress["ordered"]) == (4, 3, 0)
    assert Decimal(progress["estimated_cost"]) == ANSWER * 3
    assert progress["stopped"] == "dry_run"
    assert len(script.requests) == 1


def test_a_cancelled_backfill_orders_no_more(actor, talk, script, template):
    for _ in range(7):
        talk()
    execution = start_backfill(actor, template.id)
    drain(limit=1)
    assert Run.unscoped.count() == 3
    cancel(actor, execution.id)
    drain(ahead=True)
    assert Run.unscoped.count() == 3
    execution.refresh_from_db()
    assert describe(execution)["status"] == "cancelled"


def test_live_work_comes_before_a_backfill(actor, talk, template):
    talk()
    start_backfill(actor, template.id)
    drain(limit=1)
    runs.run_now(actor, talk().pk, template_ids=[template.id])
    late, live = Job.objects.filter(kind="insights.extract").order_by("created_at")
    assert live.priority < late.priority


def test_what_cannot_be_backfilled_is_refused_at_once(actor, stranger, template):
    for wrong in (
        {"sample": 0},
        {"max_cost": Decimal(0)},
        {"filter": {"password": ["eq.1"]}},
        {"filter": {"name": ["like"]}},
    ):
        with pytest.raises(InvalidRequest):
            start_backfill(actor, template.id, **wrong)
    for who, id in ((stranger, template.id), (actor, uuid.uuid4())):
        with pytest.raises(NotFound):
            start_backfill(who, id)


def test_an_edit_meanwhile_does_not_change_what_is_asked(actor, talk, script, template):
    talk()
    execution = start_backfill(actor, template.id)
    templates.update_template(actor, template.id, instructions="Something else.")
    drain(ahead=True)
    assert [question["instructions"] for question in script.questions] == ["Summarise."]
    execution.refresh_from_db()
    assert execution.status == "completed"


def test_lots_are_spread_over_their_range():
    lots = [draw_lot(ids.new_uuid()) / LAST_LOT for _ in range(1000)]
    assert 0.4 < sum(lots) / len(lots) < 0.6
