"""Whether a chat may join a conversation: asked for each, read for all who ask at the same time."""

import uuid
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from common.coalesce import Coalesced
from conversations.additions import UNKNOWN
from conversations.filters.sql import JsonText
from conversations.metadata import AI_DISABLED
from conversations.models import Conversation
from organisations.actor import Actor
from vocabulary.errors import InvalidRequest, NotFound


class _Place(NamedTuple):
    organisation_id: uuid.UUID
    ai_disabled: str | None


_wanted: Counter[uuid.UUID] = Counter()


def _read() -> Mapping[uuid.UUID, _Place]:
    """All that somebody waits for just now."""
    rows = Conversation.unscoped.filter(pk__in=list(_wanted)).values_list(
        "pk", "organisation_id", JsonText("metadata", [AI_DISABLED])
    )
    return {pk: _Place(*place) for pk, *place in rows}


_places = Coalesced(_read)


async def check(actor: Actor, conversation_id: uuid.UUID) -> None:
    """Raise `NotFound`, or `InvalidRequest` where a person has taken over from the models."""
    place = await _find(conversation_id)
    if place is None or place.organisation_id != actor.organisation_id:
        raise NotFound(UNKNOWN)
    if place.ai_disabled == "true":
        raise InvalidRequest("conversation_id", "AI is disabled for this conversation")


async def _find(conversation_id: uuid.UUID) -> _Place | None:
    _wanted[conversation_id] += 1
    try:
        return (await _places.value()).get(conversation_id)
    finally:
        _wanted[conversation_id] -= 1
        if not _wanted[conversation_id]:
            del _wanted[conversation_id]
