"""Conversations as far as messages are added to them: plain values, many read and written at once.
A model object for each would cost more than all the rest of a turn.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from common import clock
from common.bulk import BulkSave
from conversations.models import Conversation, ConversationState

_READ = ("organisation_id", "id", "state", "message_count", "tail", "instructions")
_NEW: Mapping[str, Any] = {"name": "", "metadata": {}, "end_reason": "", "end_note": "", "ends": 0}
_table = BulkSave(
    Conversation,
    [*_READ, "ended_at", "created_at", *_NEW],
    changed=["state", "message_count", "tail", "instructions", "ended_at"],
    stamped="last_message_at",
)


@dataclass(slots=True)
class Thread:
    """A conversation, its newest message's number, and what a resent history is recognised by."""

    organisation_id: uuid.UUID
    id: uuid.UUID
    state: str = ConversationState.ACTIVE.value
    message_count: int = 0
    tail: list[str] = field(default_factory=list)
    instructions: list[str] = field(default_factory=list)


def lock(found: QuerySet[Conversation]) -> list[Thread]:
    """Those found, locked until the transaction ends, in one order for everybody."""
    rows = found.select_for_update().order_by("pk").values_list(*_READ)
    return [Thread(*row) for row in rows]


def save(threads: Iterable[Thread]) -> None:
    """Write these as open, their last message sent now. New ones come to be, nameless."""
    created_at = clock.now()
    _table.save([_row(thread, created_at) for thread in threads])


def _row(thread: Thread, created_at: datetime) -> tuple[Any, ...]:
    active, ended_at = ConversationState.ACTIVE.value, None
    kept = (thread.message_count, thread.tail, thread.instructions)
    return (thread.organisation_id, thread.id, active, *kept, ended_at, created_at, *_NEW.values())
