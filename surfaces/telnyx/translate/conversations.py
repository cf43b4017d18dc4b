"""Conversations."""

from typing import TYPE_CHECKING, Final

from common.clock import rfc3339, rfc3339_or_none
from surfaces.telnyx.translate.queries import InvalidQuery
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject, canonical
from wire.shapes import TEXT, TIME, UUID, mapping, nullable, record, said, word

if TYPE_CHECKING:
    from conversations.models import Conversation

CONVERSATION: Final = record(
    "Conversation",
    {
        "id": UUID,
        "name": TEXT,
        "created_at": TIME,
        "last_message_at": TIME,
        "metadata": mapping(TEXT),
        "state": word("active", "ended"),
        "ended_at": nullable(TIME),
        "end_reason": said(nullable(TEXT), "The caller's words, else `requested` or `idle`."),
    },
)
PAGING: Final = ("limit", "offset", "after", "page[number]", "page[size]")


class InvalidFilter(InvalidRequest):
    """A filter of the list cannot be read; Telnyx answers these with 400."""

    code = "invalid_filter"


def name_fault(fault: InvalidRequest) -> InvalidRequest:
    """A fault of the list's query string: in its paging, or in its filters."""
    kind = InvalidQuery if fault.path in PAGING else InvalidFilter
    return kind(fault.path, fault.message)


def render_conversation(conversation: "Conversation") -> JsonObject:
    """`state`, `ended_at` and `end_reason` are ours; the SDK lets extra keys pass."""
    return {
        "id": str(conversation.id),
        "name": conversation.name,
        "created_at": rfc3339(conversation.created_at),
        "last_message_at": rfc3339(conversation.last_message_at),
        "metadata": render_metadata(conversation.metadata),
        "state": conversation.state,
        "ended_at": rfc3339_or_none(conversation.ended_at),
        "end_reason": _end_reason(conversation),
    }


def _end_reason(conversation: "Conversation") -> str | None:
    """The caller's own words, else ours; null while the conversation is open."""
    if conversation.ended_at is None:
        return None
    return conversation.end_note or conversation.end_reason


def render_metadata(metadata: JsonObject) -> JsonObject:
    """Strict clients take only strings here: `True` reads `"true"`, a list is its JSON text."""
    return {name: _render_value(value) for name, value in metadata.items()}


def _render_value(value: Json) -> str:
    return value if isinstance(value, str) else canonical(value)
