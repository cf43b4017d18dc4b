"""What is added to conversations: the messages of many turns, in a constant number of queries.

`append_turns` is a writer for `common.group_commit`; `store` is what every way of adding ends in.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from conversations import history, messages, threads
from conversations.announcements import announce_reopening
from conversations.models import Conversation, ConversationState, MessageStatus
from conversations.threads import Thread
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


type _Open = Mapping[tuple[uuid.UUID, uuid.UUID], Thread]


def append_turns(additions: Sequence[Addition]) -> list[NotFound | None]:
    """Store what is new of each, in order; `NotFound` for one whose conversation is gone.

    Must run in a transaction: it holds the conversations' locks until its end.
    """
    opened = _open(additions)
    rows: list[messages.Row] = []
    grown: dict[uuid.UUID, Thread] = {}
    results: list[NotFound | None] = []
    for addition in additions:
        thread = opened.get((addition.organisation_id, addition.conversation_id))
        new = _compose(thread, addition) if thread is not None else []
        if thread is not None and (new or addition.creates):
            grown[thread.id] = thread
        rows += new
        results.append(NotFound(UNKNOWN) if thread is None else None)
    store(grown.values(), rows)
    return results


def store(grown: Collection[Thread], rows: Sequence[messages.Row]) -> None:
    """Write composed messages and the conversations they belong to, whose locks the caller holds.

    A conversation that had ended is open again.
    """
    threads.save(grown)
    messages.insert(rows)
    reopened = [thread.id for thread in grown if thread.state == ConversationState.ENDED]
    if reopened:
        found = Conversation.unscoped.filter(pk__in=reopened).order_by("organisation_id")
        publish(*map(announce_reopening, found))


def _open(additions: Iterable[Addition]) -> _Open:
    """The conversations by organisation and id, locked, or new."""
    there = {addition.conversation_id for addition in additions if not addition.creates}
    locked = threads.lock(Conversation.unscoped.filter(pk__in=there)) if there else ()
    opened = {(thread.organisation_id, thread.id): thread for thread in locked}
    for addition in additions:
        place = (addition.organisation_id, addition.conversation_id)
        if addition.creates and place not in opened:
            opened[place] = Thread(*place)
    return opened


def _compose(thread: Thread, addition: Addition) -> list[messages.Row]:
    rows = _compose_asked(thread, addition.asked)
    if addition.answer is not None:
        rows.append(_compose_answer(thread, addition.answer))
    return rows


def _compose_asked(thread: Thread, asked: Sequence[chat.Message]) -> list[messages.Row]:
    """The new ones of the request's messages, its instructions first."""
    instructions = [message for message in asked if history.is_instruction(message)]
    said = [message for message in asked if not history.is_instruction(message)]
    new_instructions = history.new_instructions(thread.instructions, instructions)
    new_said = history.new_messages(thread.tail, said)
    if instructions:
        thread.instructions = history.extend((), instructions)
    thread.tail = history.extend(thread.tail, new_said)
    new = (*new_instructions, *new_said)
    return [messages.compose(thread, message) for message in new]


def _compose_answer(thread: Thread, answer: Answer) -> messages.Row:
    extend = history.extend if answer.complete else history.extend_broken_off
    thread.tail = extend(thread.tail, [answer.message])
    status = MessageStatus.COMPLETE if answer.complete else MessageStatus.INCOMPLETE
    return messages.compose(
        thread,
        answer.message,
        status=status,
        model=answer.model[:200],
        served_by=answer.served_by[:100],
    )
