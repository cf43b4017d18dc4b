"""Messages as rows and back: `compose` numbers a message as its conversation's next, `read` returns
the message as it was said."""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from common.bulk import BulkInsert
from conversations import parts
from conversations.models import Conversation, Message
from vocabulary import chat

_NAMES = tuple(field.attname for field in Message._meta.concrete_fields)
_columns = attrgetter(*_NAMES)
_table = BulkInsert(Message, _NAMES)


def compose(conversation: Conversation, message: chat.Message, **columns: Any) -> Message:
    """The unsaved row of `message`. The caller holds the conversation's lock."""
    conversation.message_count += 1
    return Message(
        organisation_id=conversation.organisation_id,
        conversation=conversation,
        seq=conversation.message_count,
        role=message.role,
        name=message.name or "",
        parts=[_storable(parts.dump(part)) for part in message.parts],
        text=_storable(message.text),
        **columns,
    )


def insert(rows: Iterable[Message]) -> None:
    """Write composed rows, inside the caller's transaction."""
    _table.insert(map(_columns, rows))


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
