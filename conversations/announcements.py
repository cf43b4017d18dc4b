"""What is told of a conversation to webhooks and to those who react to its end."""

from common.clock import rfc3339, rfc3339_or_none
from conversations.models import Conversation
from vocabulary.json import JsonObject
from webhooks.announcements import Announcement

ENDED = "conversation.ended"
REOPENED = "conversation.reopened"


def describe(conversation: Conversation) -> JsonObject:
    """The conversation as events show it."""
    return {
        "id": str(conversation.pk),
        "name": conversation.name,
        "metadata": conversation.metadata,
        "created_at": rfc3339(conversation.created_at),
        "last_message_at": rfc3339(conversation.last_message_at),
        "ended_at": rfc3339_or_none(conversation.ended_at),
        "end_reason": conversation.end_reason,
        "message_count": conversation.message_count,
    }


def announce_end(conversation: Conversation) -> Announcement:
    """`cause` is the same for the same end, however often it is told, and for no other."""
    return _announce(
        ENDED,
        conversation,
        reason=conversation.end_reason,
        note=conversation.end_note,
        cause=f"{conversation.pk}:{conversation.ends}",
    )


def announce_reopening(conversation: Conversation) -> Announcement:
    return _announce(REOPENED, conversation)


def _announce(kind: str, conversation: Conversation, **more: str) -> Announcement:
    return Announcement(
        organisation_id=conversation.organisation_id,
        type=kind,
        subject=conversation.pk,
        payload={"conversation": describe(conversation), **more},
    )
