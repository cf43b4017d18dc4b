"""The conversation's page: transcript, insights, and the way from one to the other."""

import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations.models import Conversation, Message
from conversations.services import add_message, create_conversation, end_conversation
from insights import services as insights
from insights.models import Result, Run, Status, Template
from tests.admin.world import World, page_of
from vocabulary import chat

SCRIPT = "<script>alert('x')</script>"


def say(world: World, conversation: Conversation, *parts: chat.Part, role: chat.Role = "user"):
    return add_message(world.actor, conversation.pk, message=chat.Message(role=role, parts=parts))


def shown(client: Client, conversation: Conversation, **query: str) -> str:
    answer = client.get(page_of(conversation), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_messages_stand_in_their_order_with_their_roles(acme: World, owner: Client):
    conversation = create_conversation(acme.actor, name="order")
    for role, text in (("user", "first"), ("assistant", "second"), ("user", "third")):
        say(acme, conversation, chat.Text(text=text), role=role)
    text = shown(owner, conversation)
    assert text.index("first") < text.index("second") < text.index("third")
    assert text.count("cq-by-user") == 2 and text.count("cq-by-assistant") == 1


def test_everything_that_was_said_is_escaped(acme: World, owner: Client):
    conversation = create_conversation(acme.actor, name=SCRIPT, metadata={SCRIPT: SCRIPT})
    said = say(acme, conversation, chat.Text(text=SCRIPT))
    say(acme, conversation, chat.ToolCall(id="1", name=SCRIPT, arguments=SCRIPT), role="assistant")
    say(acme, conversation, chat.ToolResult(call_id="1", text=SCRIPT), role="tool")
    say(acme, conversation, chat.Reasoning(text=SCRIPT), role="assistant")
    Message.unscoped.filter(pk=said.pk).update(name=SCRIPT, model=SCRIPT)
    template = insights.create_template(acme.actor, name=SCRIPT, instructions="x")
    insights.run_now(acme.actor, conversation.pk, template_ids=[template.id])
    evidence = {"message_id": str(said.pk), "quote": SCRIPT, "start": 0, "end": len(SCRIPT)}
    field = {"path": f"/{SCRIPT}", "state": "found", "confidence": 0.5, "evidence": [evidence]}
    Result.unscoped.filter(conversation=conversation).update(
        status=Status.COMPLETED, value={SCRIPT: SCRIPT}, fields=[field], error=SCRIPT, model=SCRIPT
    )
    Run.unscoped.filter(conversation=conversation).update(error=SCRIPT)
    text = shown(owner, conversation)
    assert "<script>alert" not in text
    assert text.count("&lt;script&gt;alert") > 8


def test_a_quote_leads_to_its_marked_words(acme: World, owner: Client):
    conversation = acme.row("conversations.conversation")
    text = shown(owner, conversation)
    quote = re.search(r'<a class="cq-quote" href="#q-(\d+)" data-key="(\d+)">hello</a>', text)
    assert quote is not None
    key = quote[1]
    assert f'<a id="q-{key}" class="cq-anchor"></a><mark data-keys="{key}">hello</mark>' in text


def test_a_result_tells_all_that_is_known_of_it(acme: World, owner: Client):
    conversation = acme.row("conversations.conversation")
    Result.unscoped.filter(conversation=conversation).update(
        model="m/1", prompt_tokens=400, completion_tokens=30, cost="0.000123", latency_ms=812
    )
    text = shown(owner, conversation)
    for words in ("template-acme", "v1", "m/1", "430 tokens", "$0.000123", "812 ms", "90%"):
        assert words in text, words
    assert "value-acme" in text and "cq-is-found" in text


def test_every_state_of_a_field_has_its_badge(acme: World, owner: Client):
    conversation = acme.row("conversations.conversation")
    states = ("found", "unsupported", "not_mentioned", "invalid")
    fields = [{"path": f"/{s}", "state": s, "confidence": None, "evidence": []} for s in states]
    Result.unscoped.filter(conversation=conversation).update(
        value={"found": True, "unsupported": "x", "not_mentioned": None, "invalid": 3},
        fields=fields,
    )
    text = shown(owner, conversation)
    for state in states:
        assert f"cq-is-{state}" in text
    assert ">nothing<" in text and ">Yes<" in text


def test_empty_pages_say_so(acme: World, owner: Client):
    text = shown(owner, create_conversation(acme.actor))
    assert "No messages yet." in text
    assert "No insights yet." in text
    assert "data-pending" not in text


def test_a_pending_run_shows_how_far_it_is(acme: World, owner: Client):
    conversation = create_conversation(acme.actor, name="pending")
    say(acme, conversation, chat.Text(text="hello"))
    insights.run_now(acme.actor, conversation.pk, group_id=acme.row("insights.group").pk)
    text = shown(owner, conversation)
    assert 'id="conversation" class="cq-conversation" data-pending' in text
    assert "0 of 1 answered" in text


def test_a_failed_run_shows_why(acme: World, owner: Client):
    conversation = acme.row("conversations.conversation")
    Result.unscoped.filter(conversation=conversation).update(
        status=Status.FAILED, error="the upstream is on fire", fields=[], value=None
    )
    Run.unscoped.filter(conversation=conversation).update(status=Status.FAILED)
    text = shown(owner, conversation)
    assert "the upstream is on fire" in text
    assert "cq-is-failed" in text
    assert "data-pending" not in text


def test_the_results_of_a_deleted_template_stay(acme: World, owner: Client):
    Template.unscoped.filter(pk=acme.row("insights.template").pk).delete()
    text = shown(owner, acme.row("conversations.conversation"))
    assert "A deleted template" in text and "value-acme" in text


def test_newest_runs_come_first(acme: World, owner: Client):
    conversation = acme.row("conversations.conversation")
    template = insights.create_template(acme.actor, name="newest", instructions="x")
    insights.run_now(acme.actor, conversation.pk, template_ids=[template.id])
    text = shown(owner, conversation)
    assert text.index("Chosen templates") < text.index("group-acme")


def test_a_long_transcript_is_shown_in_pages_of_200(acme: World, owner: Client):
    conversation = create_conversation(acme.actor, name="long")
    Message.objects.bulk_create(
        Message(
            organisation=acme.organisation,
            conversation=conversation,
            seq=seq,
            role="user",
            text=f"line-{seq}.",
            parts=[{"type": "text", "text": f"line-{seq}."}],
        )
        for seq in range(1, 431)
    )
    Conversation.unscoped.filter(pk=conversation.pk).update(message_count=430)
    last = Message.unscoped.get(conversation=conversation, seq=430)
    template = insights.create_template(acme.actor, name="t", instructions="x")
    insights.run_now(acme.actor, conversation.pk, template_ids=[template.id])
    evidence = {"message_id": str(last.pk), "quote": "line", "start": 0, "end": 4}
    Result.unscoped.filter(conversation=conversation).update(
        status=Status.COMPLETED,
        value="x",
        fields=[{"path": "", "state": "found", "confidence": None, "evidence": [evidence]}],
    )
    first = shown(owner, conversation)
    assert "line-1." in first and "line-200." in first and "line-201." not in first
    assert "Messages 1–200 of 430" in first
    assert 'href="?messages=3#q-1"' in first
    third = shown(owner, conversation, messages="3")
    assert "Messages 401–430 of 430" in third and 'href="#q-1"' in third
    assert '<mark data-keys="1">line</mark>' in third
    for nonsense in ("0", "-1", "x", "99999999999999999999", "²"):
        assert "line-" in shown(owner, conversation, messages=nonsense)


def test_the_page_costs_the_same_with_many_messages_and_runs(acme: World, owner: Client):
    conversation = acme.row("conversations.conversation")
    owner.get(page_of(conversation))
    few = _queries(owner, conversation)
    for number in range(5):
        say(acme, conversation, chat.Text(text=str(number)))
        insights.run_now(acme.actor, conversation.pk, group_id=acme.row("insights.group").pk)
    assert _queries(owner, conversation) == few <= 10


def test_how_it_ended_is_told(acme: World, owner: Client):
    conversation = acme.row("conversations.conversation")
    end_conversation(acme.actor, conversation.pk, note="the caller hung up")
    text = shown(owner, conversation)
    assert "the caller hung up" in text
    assert "requested" in text
    assert "/do/end" not in text and "/do/run_insights" in text


def test_an_answer_that_was_broken_off_is_marked(acme: World, owner: Client):
    said = acme.row("conversations.message")
    Message.unscoped.filter(pk=said.pk).update(status="incomplete")
    assert "cq-is-incomplete" in shown(owner, acme.row("conversations.conversation"))


def _queries(client: Client, conversation: Conversation) -> int:
    with CaptureQueriesContext(connection) as queries:
        shown(client, conversation)
    return len(queries)
