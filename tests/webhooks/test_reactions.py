"""Other apps act on events, in the transaction that closes the job."""

from collections.abc import Sequence

import pytest

from jobs.models import Job
from jobs.testing import drain
from organisations.actor import system
from tests.webhooks.receiving import announcement
from webhooks.models import Event
from webhooks.services import publish

pytestmark = pytest.mark.django_db(transaction=True)
seen: list[int] = []


def note(events: Sequence[Event]) -> None:
    seen.extend(event.seq for event in events)


def announce(events: Sequence[Event]) -> None:
    publish(*(announcement(system(event.organisation_id)) for event in events))


def fail(events: Sequence[Event]) -> None:
    if any(event.payload.get("poison") for event in events):
        raise ZeroDivisionError
    note(events)


@pytest.fixture(autouse=True)
def nothing_seen():
    seen.clear()


def react(settings, *names: str) -> None:
    settings.REACTIONS = {"conversation.ended": [f"{__name__}.{name}" for name in names]}


def test_each_reaction_gets_a_batch_of_events_in_their_order(settings, actor):
    react(settings, "note", "note")
    publish(*(announcement(actor, "conversation.ended") for _ in range(3)))
    drain()
    assert seen == [1, 2, 3, 1, 2, 3]


def test_a_reaction_may_announce_in_turn(settings, actor):
    react(settings, "announce")
    publish(announcement(actor, "conversation.ended"))
    drain()
    types = Event.unscoped.order_by("seq").values_list("type", flat=True)
    assert list(types) == ["conversation.ended", "conversation.reopened"]


def test_a_reaction_that_fails_does_not_fail_others(settings, actor):
    react(settings, "fail")
    publish(
        announcement(actor, "conversation.ended", payload={"poison": True}),
        announcement(actor, "conversation.ended"),
    )
    drain(ahead=True)
    assert seen[-1:] == [2]
    states = Job.objects.filter(kind="webhooks.react").values_list("state", flat=True)
    assert sorted(states) == ["dead", "done"]
