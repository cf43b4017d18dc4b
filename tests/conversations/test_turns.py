"""A chat that joins a conversation: its messages are committed before its answer is complete."""

import asyncio
import uuid
from dataclasses import replace

import pytest

from common.db import in_thread
from conversations import places, queries, services, turns
from conversations.models import Conversation, Message
from inference.services import Origin
from usage.models import UsageRecord
from vocabulary.chat import ChatRequest, Finished, Metered, Text
from vocabulary.chat import Message as Said
from vocabulary.errors import InvalidRequest, NotFound, UpstreamUnavailable
from vocabulary.streams import fold

pytestmark = pytest.mark.django_db(transaction=True)
ORIGIN = Origin(surface="test")


def user(text: str) -> Said:
    return Said(role="user", parts=(Text(text=text),))


def ask(*messages: Said) -> ChatRequest:
    return ChatRequest(model="m", messages=messages or (user("hi"),))


async def stored() -> list[str]:
    def read() -> list[str]:
        return [f"{row.role} {row.text} {row.status}" for row in Message.unscoped.order_by("seq")]

    return await in_thread(read)


@pytest.fixture
def conversation(actor):
    return services.create_conversation(actor).pk


async def test_a_whole_answer_is_stored_when_it_is_returned(actor, script, conversation):
    turn = await turns.complete(actor, ask(), ORIGIN, conversation)
    assert turn.conversation_id == conversation
    assert turn.response.text == "Hello there!"
    assert await stored() == ["user hi complete", "assistant Hello there! complete"]
    [row] = await in_thread(lambda: list(UsageRecord.unscoped.all()))
    assert row.conversation_id == conversation


async def test_new_makes_a_conversation(actor, script):
    turn = await turns.complete(actor, ask(), ORIGIN, "new")
    assert turn.conversation_id
    found = await in_thread(queries.get_conversation, actor, turn.conversation_id)
    assert found.message_count == 2


async def test_without_a_conversation_no_message_is_stored(actor, script):
    turn = await turns.complete(actor, ask(), ORIGIN, None)
    place, events = await turns.stream(actor, ask(), ORIGIN, None)
    assert fold([event async for event in events]).text == turn.response.text
    assert (turn.conversation_id, place) == (None, None)
    assert await stored() == []


async def test_a_stream_has_the_question_stored_at_its_start_and_the_answer_at_its_end(
    actor, script, conversation
):
    place, events = await turns.stream(actor, ask(), ORIGIN, conversation)
    assert place == conversation
    question, answer = "user hi complete", "assistant Hello there! complete"
    async for event in events:
        expected = [question, answer] if isinstance(event, Finished | Metered) else [question]
        assert await stored() == expected


async def test_a_stream_into_a_new_conversation_says_which(actor, script):
    place, events = await turns.stream(actor, ask(), ORIGIN, "new")
    assert [event async for event in events]
    assert place
    found = await in_thread(queries.get_conversation, actor, place)
    assert found.message_count == 2


async def test_a_history_that_is_resent_is_stored_once(actor, script, conversation):
    first = await turns.complete(actor, ask(), ORIGIN, conversation)
    answer = first.response.choices[0].message
    _, events = await turns.stream(
        actor, ask(user("hi"), answer, user("and now?")), ORIGIN, conversation
    )
    assert fold([event async for event in events]).text
    assert [line.split()[0] for line in await stored()] == ["user", "assistant"] * 2


@pytest.mark.parametrize("joining", ["new", "existing"])
async def test_a_request_that_fails_at_once_leaves_nothing(actor, script, conversation, joining):
    script.error, script.words = UpstreamUnavailable("gone"), ()
    where: turns.Joining = "new" if joining == "new" else conversation
    with pytest.raises(UpstreamUnavailable):
        await turns.complete(actor, ask(), ORIGIN, where)
    assert await stored() == []
    assert await in_thread(Conversation.unscoped.count) == 1


async def test_a_stream_that_breaks_off_leaves_what_was_told_and_its_retry_adds_the_answer(
    actor, script, conversation
):
    script.error = UpstreamUnavailable("gone")
    _, events = await turns.stream(actor, ask(), ORIGIN, conversation)
    with pytest.raises(UpstreamUnavailable):
        [event async for event in events]
    assert await stored() == ["user hi complete", "assistant Hello there! incomplete"]
    script.error = None
    await turns.complete(actor, ask(), ORIGIN, conversation)
    assert (await stored())[2:] == ["assistant Hello there! complete"]


async def test_who_hangs_up_leaves_what_was_told(actor, script, conversation):
    script.hangs = True
    _, events = await turns.stream(actor, ask(), ORIGIN, conversation)
    for _ in range(3):
        await anext(events)
    await events.aclose()
    assert script.hung_up.is_set()
    assert await stored() == ["user hi complete", "assistant Hello incomplete"]


async def test_an_unknown_or_foreign_conversation_is_refused_before_the_upstream_is_asked(
    actor, stranger, script
):
    theirs = await in_thread(services.create_conversation, stranger)
    for place in (theirs.pk, uuid.uuid4()):
        with pytest.raises(NotFound):
            await turns.complete(actor, ask(), ORIGIN, place)
        with pytest.raises(NotFound):
            await turns.stream(actor, ask(), ORIGIN, place)
    assert not script.reached.is_set()


@pytest.mark.parametrize("value", ["true", True])
async def test_where_a_person_has_taken_over_no_model_answers(actor, script, value):
    made = await in_thread(services.create_conversation, actor, metadata={"ai_disabled": value})
    with pytest.raises(InvalidRequest, match="AI is disabled"):
        await turns.complete(actor, ask(), ORIGIN, made.pk)
    await in_thread(services.update_conversation, actor, made.pk, metadata={})
    assert await turns.complete(actor, ask(), ORIGIN, made.pk)


async def test_those_who_ask_at_once_share_a_read(actor, conversation, monkeypatch):
    reads = []
    read = places._places._read

    def counting():
        reads.append(1)
        return read()

    monkeypatch.setattr(places._places, "_read", counting)
    unknown = [uuid.uuid4() for _ in range(50)]
    checks = [places.check(actor, each) for each in [conversation] * 50 + unknown]
    results = await asyncio.gather(*checks, return_exceptions=True)
    assert [type(result) for result in results] == [type(None)] * 50 + [NotFound] * 50
    assert len(reads) <= 2
    assert not places._wanted


async def test_of_several_choices_the_first_is_stored(actor, script, conversation):
    turn = await turns.complete(actor, ask(), ORIGIN, conversation)
    second = replace(turn.response.choices[0], index=1)
    response = replace(turn.response, choices=(*turn.response.choices, second))
    answer = turns._first_answer(response, complete=True)
    assert answer
    assert answer.message == turn.response.choices[0].message
