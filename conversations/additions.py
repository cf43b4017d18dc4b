"""What is added to conversations: the messages of many turns, in a constant number of queries.

`append_turns` is a writer for `common.group_commit`; `store` is what every way of adding ends in.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models.functions import Now

from conversations import history, messages
from conversations.announcements import announce_reopening
from conversations.models import Conversation, ConversationState, Message, MessageStatus
from vocabulary import chat
from vocabulary.errors import NotFound
from webhooks.services import publish

UNKNOWN = "there is no such conversation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the model said; not `complete` when it broke off."""

    message: chat.Message
    complete: bool
    model: str
    served_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """One turn, or its first half: `asked` is the request's messages, resent history and all.

    `creates` says that the conversation is made by this addition.
    """

    organisation_id: uuid.UUID
    conversation_id: uuid.UUID
    asked: Sequence[chat.Message] = ()
    answer: Answer | None = None
    creates: bool = False


type _Open = Mapping[tuple[uuid.UUID, uuid.UUID], Conversation]


def append_turns(additions: Sequence[Addition]) -> list[NotFound | None]:
    """Store what is new of each, in order; `NotFound` for one whose conversation is gone.

    Must run in a transaction: it holds the conversations' locks until its end.
    """
    opened = _open(additions)
    rows: list[Message] = []
    results: list[NotFound | None] = []
    for addition in additions:
        conversation = opened.get((addition.organisation_id, addition.conversation_id))
        if conversation is not None:
            rows += _compose(conversation, addition)
        results.append(NotFound(UNKNOWN) if conversation is None else None)
    made = {addition.conversation_id for addition in additions if addition.creates}
    store(rows, made=[conversation for conversation in opened.values() if conversation.pk in made])
    return results


def store(rows: Sequence[Message], *, made: Iterable[Conversation] = ()) -> None:
    """Write composed messages and their conversations, `made` ones even if nothing was said.

    The caller holds the conversations' locks. A conversation that had ended is open again.
    """
    grown = {row.conversation_id: row.conversation for row in rows}
    reopened = [each.pk for each in grown.values() if each.state == ConversationState.ENDED]
    for conversation in grown.values():
        conversation.state = ConversationState.ACTIVE
        conversation.ended_at = None
        conversation.last_message_at = Now()
    _save({conversation.pk: conversation for conversation in made} | grown)
    messages.insert(rows)
    if reopened:
        found = Conversation.unscoped.filter(pk__in=reopened).order_by("organisation_id")
        publish(*map(announce_reopening, found))


def _open(additions: Iterable[Addition]) -> _Open:
    """The conversations by organisation and id, locked, in one order for everybody."""
    there = {addition.conversation_id for addition in additions if not addition.creates}
    locked = Conversation.unscoped.select_for_update().filter(pk__in=there).order_by("pk")
    opened = {(each.organisation_id, each.pk): each for each in (locked if there else ())}
    for addition in additions:
        place = (addition.organisation_id, addition.conversation_id)
        if addition.creates and place not in opened:
            opened[place] = Conversation(organisation_id=place[0], pk=place[1])
    return opened


def _compose(conversation: Conversation, addition: Addition) -> list[Message]:
    rows = _compose_asked(conversation, addition.asked)
    if addition.answer is not None:
        rows.append(_compose_answer(conversation, addition.answer))
    return rows


def _compose_asked(conversation: Conversation, asked: Sequence[chat.Message]) -> list[Message]:
    """The new ones of the request's messages, its instructions first."""
    instructions = [message for message in asked if history.is_instruction(message)]
    said = [message for message in asked if not history.is_instruction(message)]
    new_instructions = history.new_instructions(conversation.instructions, instructions)
    new_said = history.new_messages(conversation.tail, said)
    if instructions:
        conversation.instructions = history.extend((), instructions)
    conversation.tail = history.extend(conversation.tail, new_said)
    new = (*new_instructions, *new_said)
    return [messages.compose(conversation, message) for message in new]


def _compose_answer(conversation: Conversation, answer: Answer) -> Message:
    extend = history.extend if answer.complete else history.extend_broken_off
    conversation.tail = extend(conversation.tail, [answer.message])
    status = MessageStatus.COMPLETE if answer.complete else MessageStatus.INCOMPLETE
    return messages.compose(
        conversation,
        answer.message,
        status=status,
        model=answer.model[:200],
        served_by=answer.served_by[:100],
    )


def _save(conversations: Mapping[uuid.UUID, Conversation]) -> None:
    """Insert the new and update the others in one statement."""
    Conversation.objects.bulk_create(
        conversations.values(),
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[
            "state", "ended_at", "last_message_at", "message_count", "tail", "instructions",
        ],
    )  # fmt: skip
