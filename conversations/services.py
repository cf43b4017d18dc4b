"""Writes of conversations. Messages that come with a model's answer take `conversations.turns`."""

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from conversations import history, messages, threads
from conversations.additions import UNKNOWN, store
from conversations.announcements import announce_end
from conversations.metadata import coerce_metadata
from conversations.models import Conversation, ConversationState, EndReason, Message
from conversations.threads import Thread
from organisations import audit
from organisations.actor import Actor
from organisations.models import Organisation
from vocabulary import chat
from vocabulary.errors import InvalidRequest, NotFound
from vocabulary.json import Json
from webhooks.services import publish

LONGEST_NAME = 500
BATCH = 200
"""Conversations that a sweep ends or deletes in one transaction."""
BATCHES = 10
"""Transactions of one sweep; what is left waits for the next."""


def create_conversation(actor: Actor, *, name: str = "", metadata: Json = None) -> Conversation:
    """Make a conversation without messages."""
    with transaction.atomic():
        conversation = Conversation.objects.create(
            organisation_id=actor.organisation_id,
            name=_check_name(name),
            metadata=coerce_metadata({} if metadata is None else metadata),
            last_message_at=Now(),
        )
        audit.record(actor, "conversation.create", conversation)
    return conversation


def update_conversation(
    actor: Actor, id: uuid.UUID, *, metadata: Json = None, name: str | None = None
) -> Conversation:
    """Replace the metadata, the name, or both; what is None stays."""
    changes: dict[str, Any] = {}
    if metadata is not None:
        changes["metadata"] = coerce_metadata(metadata)
    if name is not None:
        changes["name"] = _check_name(name)
    with transaction.atomic():
        conversation = _lock(actor, id)
        for field, value in changes.items():
            setattr(conversation, field, value)
        conversation.save(update_fields=list(changes))
        audit.record(actor, "conversation.update", conversation, fields=list(changes))
    return conversation


def delete_conversation(actor: Actor, id: uuid.UUID) -> None:
    """Delete it with its messages and insights."""
    with transaction.atomic():
        conversation = _lock(actor, id)
        audit.record(actor, "conversation.delete", conversation)
        conversation.delete()


def add_message(
    actor: Actor,
    conversation_id: uuid.UUID,
    *,
    message: chat.Message,
    sent_at: datetime | None = None,
    tool_choice: Json = None,
    metadata: Json = None,
) -> Message:
    """Store a message as it stands; no model answers it. An ended conversation is open again."""
    with transaction.atomic():
        thread = _open(actor, conversation_id)
        row = messages.compose(
            thread,
            message,
            sent_at=sent_at,
            tool_choice=tool_choice,
            metadata=metadata or {},
        )
        if not history.is_instruction(message):
            thread.tail = history.extend(thread.tail, [message])
        store([thread], [row])
    return Message(**row._asdict())


def end_conversation(
    actor: Actor, id: uuid.UUID, *, reason: str = EndReason.REQUESTED, note: str = ""
) -> Conversation:
    """End it and tell so; one that has ended stays as it is. `note` is the caller's own reason."""
    with transaction.atomic():
        conversation = _lock(actor, id)
        if conversation.state == ConversationState.ACTIVE:
            [conversation] = _end([conversation], reason=reason, note=note)
            audit.record(actor, "conversation.end", conversation, reason=reason)
    return conversation


def end_idle_conversations() -> int:
    """End those without a new message for their organisation's idle time; how many those were."""
    return _sweep(_find_idle(), lambda idle: _end(idle, reason=EndReason.IDLE))


def delete_expired_conversations() -> int:
    """Delete those older than their organisation keeps them; how many those were."""
    return _sweep(_find_silent("retention_days", timedelta(days=1)), _delete)


def _check_name(name: str) -> str:
    if len(name) > LONGEST_NAME:
        raise InvalidRequest("name", f"is longer than {LONGEST_NAME} characters")
    return name


def _lock(actor: Actor, id: uuid.UUID) -> Conversation:
    mine = Conversation.objects.for_organisation(actor.organisation_id)
    conversation = mine.select_for_update().filter(pk=id).first()
    if conversation is None:
        raise NotFound(UNKNOWN)
    return conversation


def _open(actor: Actor, id: uuid.UUID) -> Thread:
    mine = Conversation.objects.for_organisation(actor.organisation_id)
    for thread in threads.lock(mine.filter(pk=id)):
        return thread
    raise NotFound(UNKNOWN)


def _end(locked: Collection[Conversation], *, reason: str, note: str = "") -> list[Conversation]:
    found = Conversation.unscoped.filter(pk__in=[each.pk for each in locked])
    found.update(
        state=ConversationState.ENDED,
        ended_at=Now(),
        end_reason=reason,
        end_note=note[:500],
        ends=F("ends") + 1,
    )
    ended = list(found.order_by("organisation_id", "pk"))
    publish(*map(announce_end, ended))
    return ended


def _delete(locked: Collection[Conversation]) -> None:
    Conversation.unscoped.filter(pk__in=[each.pk for each in locked]).delete()


def _find_idle() -> Iterator[QuerySet[Conversation]]:
    for silent in _find_silent("idle_timeout_seconds", timedelta(seconds=1)):
        yield silent.filter(state=ConversationState.ACTIVE)


def _find_silent(setting: str, unit: timedelta) -> Iterator[QuerySet[Conversation]]:
    """Conversations without a message for as many units as their organisation's setting says.

    One query for each value of the setting: an index answers only a comparison with a constant.
    """
    values = Organisation.objects.exclude(**{setting: None}).values_list(setting, flat=True)
    for units in values.order_by(setting).distinct():
        yield Conversation.unscoped.filter(
            **{f"organisation__{setting}": units}, last_message_at__lt=Now() - units * unit
        ).order_by()


def _sweep(
    finds: Iterable[QuerySet[Conversation]], act: Callable[[Collection[Conversation]], object]
) -> int:
    """Act on a bounded number of what each query finds; how many those were."""
    return sum(_sweep_batches(due, act) for due in finds)


def _sweep_batches(
    due: QuerySet[Conversation], act: Callable[[Collection[Conversation]], object]
) -> int:
    """Lock and act, a batch a transaction. Rows that somebody else holds are being written to: they
    are not silent, or the next sweep finds them."""
    done = 0
    for _ in range(BATCHES):
        if not due.exists():  # a plain read: SQLite's one writer is not disturbed for nothing
            break
        with transaction.atomic():
            batch = list(due.select_for_update(skip_locked=True, of=("self",))[:BATCH])
            act(batch)
        done += len(batch)
    return done
