"""Messages as rows and back: `compose` numbers a message as its conversation's next, `read` returns
the message as it was said."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from common import clock, ids
from common.bulk import BulkInsert
from conversations import parts
from conversations.models import Message, MessageStatus
from conversations.threads import Thread
from vocabulary import chat
from vocabulary.json import Json


class Row(NamedTuple):
    """The columns of a message that is to be stored."""

    id: uuid.UUID
    created_at: datetime
    organisation_id: uuid.UUID
    conversation_id: uuid.UUID
    seq: int
    role: str
    name: str
    parts: Json
    text: str
    tool_choice: Json = None
    metadata: Json = {}
    sent_at: datetime | None = None
    status: str = MessageStatus.COMPLETE.value
    model: str = ""
    served_by: str = ""


_table = BulkInsert(Message, Row._fields)


def compose(thread: Thread, message: chat.Message, **columns: Any) -> Row:
    """The row of `message`, as the next of its conversation."""
    thread.message_count += 1
    return Row(
        id=ids.new_uuid(),
        created_at=clock.now(),
        organisation_id=thread.organisation_id,
        conversation_id=thread.id,
        seq=thread.message_count,
        role=message.role,
        name=message.name or "",
        parts=[_storable(parts.dump(part)) for part in message.parts],
        text=_storable(message.text),
        **columns,
    )


def insert(rows: Iterable[Row]) -> None:
    """Write composed rows, inside the caller's transaction."""
    _table.insert(rows)


def read(row: Message) -> chat.Message:
    """The message as it was said."""
    loaded = tuple(parts.load(part) for part in row.parts)
    return chat.Message(role=row.role, parts=loaded, name=row.name or None)  # type: ignore[arg-type]


def _storable[J](value: J) -> J:
    """`value` with U+FFFD for NUL, which PostgreSQL cannot store and models now and then write."""
    match value:
        case str():
            return value.replace("\x00", "\ufffd")  # type: ignore[return-value]
        case dict():
            return {key: _storable(item) for key, item in value.items()}  # type: ignore[return-value]
        case _:
            return value
