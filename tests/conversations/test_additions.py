"""Many turns become messages in a constant number of queries, in order, whole, and once."""

import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import close_old_connections, transaction

from common import ids
from conversations import messages, queries, services
from conversations.additions import Addition, Answer, append_turns
from conversations.models import Conversation, Message
from organisations.actor import Actor
from vocabulary.chat import Message as Said
from vocabulary.chat import Reasoning, Refusal, Role, Text, ToolCall, ToolResult
from vocabulary.errors import NotFound
from webhooks.models import Event

pytestmark = pytest.mark.django_db


def said(role: Role, text: str) -> Said:
    return Said(role=role, parts=(Text(text=text),))


def answer(text: str, *, complete: bool = True) -> Answer:
    return Answer(message=said("assistant", text), complete=complete, model="m", served_by="up")


def addition(
    actor: Actor,
    conversation_id: uuid.UUID,
    asked: Sequence[Said] = (),
    reply: Answer | None = None,
    *,
    creates: bool = False,
) -> Addition:
    return Addition(
        organisation_id=actor.organisation_id,
        conversation_id=conversation_id,
        asked=asked,
        answer=reply,
        creates=creates,
    )


def append(*additions: Addition) -> list[NotFound | None]:
    with transaction.atomic():
        return append_turns(additions)


def texts(conversation_id: uuid.UUID) -> list[str]:
    rows = Message.unscoped.filter(conversation_id=conversation_id).order_by("seq")
    return [f"{row.seq} {row.role} {row.text}" for row in rows]


def test_a_new_conversation_is_made_with_its_first_turn(actor):
    new = ids.new_uuid()
    asked = [said("system", "be kind"), said("user", "hi")]
    assert append(addition(actor, new, asked, answer("hello"), creates=True)) == [None]
    assert texts(new) == ["1 system be kind", "2 user hi", "3 assistant hello"]
    made = queries.get_conversation(actor, new)
    assert (made.message_count, made.state, made.metadata) == (3, "active", {})


def test_a_conversation_that_is_made_exists_also_without_a_word(actor):
    new = ids.new_uuid()
    append(addition(actor, new, creates=True))
    assert queries.get_conversation(actor, new).message_count == 0


def test_turns_of_one_batch_follow_each_other(actor):
    new = ids.new_uuid()
    first = [said("user", "a")]
    second = [*first, said("assistant", "b"), said("user", "c")]
    append(
        addition(actor, new, first, creates=True),
        addition(actor, new, (), answer("b")),
        addition(actor, new, second, answer("d")),
    )
    assert texts(new) == ["1 user a", "2 assistant b", "3 user c", "4 assistant d"]


def test_what_a_turn_resends_is_stored_once(actor):
    place = services.create_conversation(actor).pk
    history = [said("system", "be kind")]
    for question, reply in (("a", "b"), ("yes", "ok"), ("yes", "ok")):
        history.append(said("user", question))
        append(addition(actor, place, history, answer(reply)))
        history.append(said("assistant", reply))
    assert texts(place) == [
        "1 system be kind", "2 user a", "3 assistant b", "4 user yes", "5 assistant ok",
        "6 user yes", "7 assistant ok",
    ]  # fmt: skip


def test_a_changed_instruction_is_stored_before_what_is_said_then(actor):
    place = services.create_conversation(actor).pk
    append(addition(actor, place, [said("system", "be kind"), said("user", "a")], answer("b")))
    append(addition(actor, place, [said("developer", "be brief"), said("user", "c")], answer("d")))
    assert texts(place)[3:] == ["4 developer be brief", "5 user c", "6 assistant d"]


def test_a_message_added_by_hand_is_part_of_the_history(actor):
    place = services.create_conversation(actor).pk
    services.add_message(actor, place, message=said("user", "a"))
    services.add_message(actor, place, message=said("assistant", "b"))
    append(addition(actor, place, [said("user", "a"), said("assistant", "b"), said("user", "c")]))
    assert texts(place)[2:] == ["3 user c"]


def test_calls_reasoning_and_refusals_are_stored_whole(actor):
    place = services.create_conversation(actor).pk
    reply = Said(
        role="assistant",
        parts=(
            Reasoning(text="hm", signature="s"),
            ToolCall(id="1", name="f", arguments='{"a": '),
            Refusal(text="no"),
        ),
    )
    result = Said(role="tool", parts=(ToolResult(call_id="1", text="42"),), name="f")
    append(
        addition(actor, place, [said("user", "go")], Answer(
            message=reply, complete=True, model="m" * 300, served_by="up")),
        addition(actor, place, [said("user", "go"), reply, result]),
    )  # fmt: skip
    rows = list(Message.unscoped.order_by("seq"))
    assert [messages.read(row) for row in rows[1:]] == [reply, result]
    assert (rows[1].text, rows[1].model, rows[2].text) == ("no", "m" * 200, "42")


def test_half_an_answer_is_marked_and_its_question_is_not_stored_again(actor):
    place = services.create_conversation(actor).pk
    append(addition(actor, place, [said("user", "a")], answer("b…", complete=False)))
    append(addition(actor, place, [said("user", "a")], answer("b")))
    assert texts(place) == ["1 user a", "2 assistant b…", "3 assistant b"]
    statuses = Message.unscoped.order_by("seq").values_list("status", flat=True)
    assert list(statuses) == ["complete", "incomplete", "complete"]


def test_an_ended_conversation_is_open_again_and_told_so_once(actor):
    place = services.create_conversation(actor).pk
    services.end_conversation(actor, place)
    append(*(addition(actor, place, [said("user", text)]) for text in "abc"))
    found = queries.get_conversation(actor, place)
    assert (found.state, found.ended_at, found.ends) == ("active", None, 1)
    assert Event.unscoped.filter(type="conversation.reopened").count() == 1


def test_a_resent_history_alone_does_not_open_an_ended_conversation(actor):
    place = services.create_conversation(actor).pk
    append(addition(actor, place, [said("user", "a")]))
    services.end_conversation(actor, place)
    append(addition(actor, place, [said("user", "a")]))
    assert queries.get_conversation(actor, place).state == "ended"


def test_who_adds_to_a_foreign_or_lost_conversation_spoils_nobodys_turn(actor, stranger):
    mine, theirs = services.create_conversation(actor).pk, services.create_conversation(stranger).pk
    results = append(
        *(addition(actor, pk, [said("user", "a")]) for pk in (theirs, uuid.uuid4(), mine))
    )
    assert [type(result) for result in results] == [NotFound, NotFound, type(None)]
    assert (texts(theirs), texts(mine)) == ([], ["1 user a"])


def test_hundreds_of_turns_cost_as_many_queries_as_one(actor, django_assert_num_queries):
    places = [services.create_conversation(actor).pk for _ in range(20)]
    for each in places[:5]:
        services.end_conversation(actor, each)
    turns = [addition(actor, place, [said("user", "a")], answer("b")) for place in places]
    turns += [addition(actor, ids.new_uuid(), [said("user", "a")], creates=True) for _ in range(20)]
    with transaction.atomic(), django_assert_num_queries(20, exact=False):
        append_turns(turns)
    assert Message.unscoped.count() == 60


@pytest.mark.django_db(transaction=True)
def test_turns_at_the_same_time_neither_lose_nor_double_a_number(actor):
    place = services.create_conversation(actor).pk

    def speak(number):
        try:
            append(addition(actor, place, [said("user", f"u{number}")], answer(f"a{number}")))
        finally:
            close_old_connections()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(speak, range(24)))
    rows = list(Message.unscoped.order_by("seq").values_list("seq", "text"))
    assert [seq for seq, _ in rows] == list(range(1, 49))
    assert {text for _, text in rows} == {f"{who}{n}" for who in "ua" for n in range(24)}
    assert Conversation.unscoped.get().message_count == 48
