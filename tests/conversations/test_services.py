"""Conversations are made, changed, ended once, opened again and deleted, and others are told."""

import threading
import time
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from common.paging import PageNumber
from conversations import queries, services
from conversations.models import Conversation, Message
from organisations.models import AuditEntry
from vocabulary.chat import Message as Said
from vocabulary.chat import Text
from vocabulary.errors import InvalidRequest, NotFound
from vocabulary.json import Json
from webhooks.models import Event

pytestmark = pytest.mark.django_db


def user(text: str) -> Said:
    return Said(role="user", parts=(Text(text=text),))


def silence(conversation: Conversation, **duration: int) -> None:
    """As if its last message were so long ago."""
    found = Conversation.unscoped.filter(pk=conversation.pk)
    found.update(last_message_at=Now() - timedelta(**duration))


def events(kind: str = "conversation.ended") -> list[Event]:
    return list(Event.unscoped.filter(type=kind).order_by("seq"))


def test_metadata_is_kept_as_texts(actor):
    given: dict[str, Json] = {
        "a": "x",
        "n": 1,
        "yes": True,
        "none": None,
        "list": [1, "b"],
        "deep": {"k": 1},
    }
    made = services.create_conversation(actor, name="call", metadata=given)
    found = queries.get_conversation(actor, made.pk)
    assert found.metadata == {
        "a": "x", "n": "1", "yes": "true", "none": "null", "list": '[1,"b"]', "deep": '{"k":1}',
    }  # fmt: skip
    assert found.created_at == made.created_at
    assert found.last_message_at == made.last_message_at


@pytest.mark.parametrize(
    "metadata", ["text", [], [1], {"k" * 201: "v"}, {"": "v"}, {"k": "v" * 10_001}]
)
def test_metadata_that_is_none_is_refused(actor, metadata):
    with pytest.raises(InvalidRequest):
        services.create_conversation(actor, metadata=metadata)


def test_update_replaces_metadata_and_leaves_what_is_not_given(actor):
    made = services.create_conversation(actor, name="call", metadata={"a": "1", "b": "2"})
    services.update_conversation(actor, made.pk, metadata={"a": "3"})
    services.update_conversation(actor, made.pk, name="talk")
    found = queries.get_conversation(actor, made.pk)
    assert (found.name, found.metadata) == ("talk", {"a": "3"})
    actions = AuditEntry.unscoped.filter(object_id=str(made.pk)).values_list("action", flat=True)
    assert sorted(actions) == ["conversation.create", *["conversation.update"] * 2]


def test_delete_takes_the_messages_along(actor):
    made = services.create_conversation(actor)
    services.add_message(actor, made.pk, message=user("hi"))
    services.delete_conversation(actor, made.pk)
    assert not Message.unscoped.exists()
    with pytest.raises(NotFound):
        queries.get_conversation(actor, made.pk)


def test_messages_are_numbered_in_order(actor):
    made = services.create_conversation(actor)
    for text in "abc":
        services.add_message(actor, made.pk, message=user(text), metadata={"n": 1})
    rows = Message.unscoped.order_by("seq")
    assert [(row.seq, row.text, row.metadata) for row in rows] == [
        (1, "a", {"n": 1}), (2, "b", {"n": 1}), (3, "c", {"n": 1}),
    ]  # fmt: skip
    assert queries.get_conversation(actor, made.pk).message_count == 3


def test_a_nul_is_stored_as_a_sign_that_can_be(actor):
    made = services.create_conversation(actor)
    services.add_message(actor, made.pk, message=user("a\x00b"))
    assert Message.unscoped.get().text == "a\ufffdb"


def test_an_end_is_told_once(actor):
    made = services.create_conversation(actor, name="call", metadata={"a": "1"})
    services.add_message(actor, made.pk, message=user("hi"))
    first = services.end_conversation(actor, made.pk, note="hung up")
    second = services.end_conversation(actor, made.pk)
    assert (first.state, first.end_note, first.ends) == ("ended", "hung up", 1)
    assert second.ended_at == first.ended_at
    [event] = events()
    assert event.subject == made.pk
    assert event.payload["reason"] == "requested"
    assert event.payload["note"] == "hung up"
    assert event.payload["conversation"]["metadata"] == {"a": "1"}
    assert event.payload["conversation"]["message_count"] == 1
    assert event.payload["conversation"]["ended_at"].endswith("Z")
    assert AuditEntry.unscoped.filter(action="conversation.end").count() == 1


def test_a_message_opens_an_ended_conversation_and_its_next_end_is_another(actor):
    made = services.create_conversation(actor)
    services.end_conversation(actor, made.pk)
    services.add_message(actor, made.pk, message=user("one more thing"))
    reopened = queries.get_conversation(actor, made.pk)
    assert (reopened.state, reopened.ended_at) == ("active", None)
    [told] = events("conversation.reopened")
    assert told.payload["conversation"]["ended_at"] is None
    services.end_conversation(actor, made.pk)
    first, second = events()
    assert first.payload["cause"] != second.payload["cause"]


@pytest.mark.parametrize(
    "act",
    [
        lambda actor, pk: queries.get_conversation(actor, pk),
        lambda actor, pk: queries.list_messages(actor, pk, PageNumber()),
        lambda actor, pk: services.update_conversation(actor, pk, name="x"),
        lambda actor, pk: services.delete_conversation(actor, pk),
        lambda actor, pk: services.end_conversation(actor, pk),
        lambda actor, pk: services.add_message(actor, pk, message=user("x")),
    ],
)
def test_another_organisations_is_as_unknown_as_none(actor, stranger, act):
    theirs = services.create_conversation(stranger)
    for pk in (theirs.pk, uuid.uuid4()):
        with pytest.raises(NotFound, match="there is no such conversation"):
            act(actor, pk)


def test_the_silent_are_ended_and_the_others_are_not(actor, stranger, organisation):
    whose = (actor, actor, stranger)
    silent, fresh, theirs = (services.create_conversation(who) for who in whose)
    organisation.idle_timeout_seconds = 60
    organisation.save()
    for conversation, seconds in ((silent, 61), (fresh, 59), (theirs, 800)):
        silence(conversation, seconds=seconds)
    assert services.end_idle_conversations() == 1
    assert services.end_idle_conversations() == 0
    [event] = events()
    assert (event.subject, event.payload["reason"]) == (silent.pk, "idle")
    ended = queries.get_conversation(actor, silent.pk)
    assert (ended.state, ended.end_reason, ended.ends) == ("ended", "idle", 1)


@pytest.mark.django_db(transaction=True)
def test_a_message_on_its_way_keeps_a_conversation_from_ending(actor):
    made = services.create_conversation(actor)
    silence(made, days=1)
    held = threading.Event()

    def speak() -> None:
        with transaction.atomic():
            services.add_message(actor, made.pk, message=user("wait"))
            held.set()
            time.sleep(0.3)
        connection.close()

    speaking = threading.Thread(target=speak)
    speaking.start()
    held.wait()
    assert services.end_idle_conversations() == 0
    speaking.join()
    assert services.end_idle_conversations() == 0
    assert queries.get_conversation(actor, made.pk).state == "active"


def test_without_an_idle_time_nothing_ends_by_itself(actor, organisation):
    organisation.idle_timeout_seconds = None
    organisation.save()
    silence(services.create_conversation(actor), days=9)
    assert services.end_idle_conversations() == 0


def test_a_sweep_is_bounded_and_the_next_goes_on(actor, monkeypatch):
    for _ in range(5):
        silence(services.create_conversation(actor), days=1)
    monkeypatch.setattr(services, "BATCH", 2)
    monkeypatch.setattr(services, "BATCHES", 2)
    assert services.end_idle_conversations() == 4
    assert services.end_idle_conversations() == 1


def test_what_is_older_than_is_kept_is_deleted(actor, stranger, organisation):
    organisation.retention_days = 30
    organisation.save()
    old, new, theirs = (services.create_conversation(who) for who in (actor, actor, stranger))
    services.add_message(actor, old.pk, message=user("hi"))
    for conversation, days in ((old, 31), (new, 29), (theirs, 99)):
        silence(conversation, days=days)
    assert services.delete_expired_conversations() == 1
    assert {row.pk for row in Conversation.unscoped.all()} == {new.pk, theirs.pk}
    assert not Message.unscoped.exists()
