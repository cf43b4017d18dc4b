"""Reads of conversations and messages."""

import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from common.paging import Page, PageNumber
from conversations.additions import UNKNOWN
from conversations.filters.listing import Parameters, parse_listing
from conversations.filters.ordering import compile_after, compile_orders
from conversations.models import Conversation, Message
from organisations.actor import Actor
from vocabulary.errors import InvalidRequest, NotFound

SPOKEN = ("user", "assistant", "tool")
"""Roles of those who take part; system and developer messages are about them."""
PATIENCE_MS = 5_000
"""How long a filter may keep the database busy."""
_CANCELLED = "57014"
_UNSHOWN = ("tail", "instructions")


def get_conversation(actor: Actor, id: uuid.UUID) -> Conversation:
    conversation = _conversations(actor).filter(pk=id).first()
    if conversation is None:
        raise NotFound(UNKNOWN)
    return conversation


def find_conversations(actor: Actor, parameters: Parameters) -> list[Conversation]:
    """Those that the query string asks for (`conversations.filters`)."""
    listing = parse_listing(parameters)
    found = _conversations(actor).filter(listing.where)
    if listing.after is not None:
        found = found.filter(compile_after(listing.orders, _get_last(actor, listing.after)))
    ordered = found.order_by(*compile_orders(listing.orders))
    with _patience():
        return list(ordered[listing.offset : listing.offset + listing.limit])


def list_messages(
    actor: Actor, id: uuid.UUID, page: PageNumber, *, roles: Collection[str] = SPOKEN
) -> Page[Message]:
    """The conversation's messages, oldest first."""
    if not _conversations(actor).filter(pk=id).exists():
        raise NotFound(UNKNOWN)
    found = Message.unscoped.filter(conversation_id=id, role__in=roles).order_by("seq")
    return page.cut(found)


def _conversations(actor: Actor) -> QuerySet[Conversation]:
    mine = Conversation.objects.for_organisation(actor.organisation_id)
    return mine.defer(*_UNSHOWN)


def _get_last(actor: Actor, id: uuid.UUID) -> Conversation:
    try:
        return get_conversation(actor, id)
    except NotFound as error:
        raise InvalidRequest("after", UNKNOWN) from error


@contextmanager
def _patience() -> Iterator[None]:
    """Refuse a filter that no index helps with, instead of letting it take the database."""
    if connection.vendor != "postgresql":
        yield
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = %s", [PATIENCE_MS])
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != _CANCELLED:
            raise
        raise InvalidRequest("", "this filter takes too long; make it narrower") from error
