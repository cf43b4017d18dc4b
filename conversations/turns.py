"""Chats that belong to a conversation: what the user said and what the model answered is committed
before the answer is complete.

A whole answer and its question are committed together. In a stream the question is committed at the
first sign of an answer, so a request that fails at once leaves nothing; one that breaks off later
leaves the question and the beginning of the answer, and its retry is recognised
(`conversations.history`).
"""

import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Literal

from common import ids
from common.group_commit import Write, save
from conversations import places
from conversations.additions import Addition, Answer, append_turns
from inference import services as inference
from inference.services import Keep, Origin
from organisations.actor import Actor
from vocabulary.chat import ChatEvent, ChatRequest, ChatResponse

type Joining = uuid.UUID | Literal["new"] | None
"""The conversation that a chat joins; None stores no messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """An answer, and the conversation it was stored in."""

    response: ChatResponse
    conversation_id: uuid.UUID | None


async def complete(
    actor: Actor, request: ChatRequest, origin: Origin, conversation: Joining
) -> Turn:
    """Answer as a whole. Raises `NotFound` and `InvalidRequest` before an upstream is asked."""
    addition = await _join(actor, conversation)
    if addition is None:
        response = await inference.complete(actor, request, origin)
        return Turn(response=response, conversation_id=None)
    place = addition.conversation_id
    keep = _keep(replace(addition, asked=request.messages))
    response = await inference.complete(
        actor, request, replace(origin, conversation_id=place), keep
    )
    return Turn(response=response, conversation_id=place)


async def stream(
    actor: Actor, request: ChatRequest, origin: Origin, conversation: Joining
) -> tuple[uuid.UUID | None, AsyncGenerator[ChatEvent]]:
    """Answer piece by piece, and where it is stored. Raises like `complete`, before the first."""
    addition = await _join(actor, conversation)
    if addition is None:
        return None, inference.stream(actor, request, origin)
    origin = replace(origin, conversation_id=addition.conversation_id)
    keep = _keep(replace(addition, creates=False))
    events = inference.stream(actor, request, origin, keep)
    return addition.conversation_id, _ask(replace(addition, asked=request.messages), events)


async def _join(actor: Actor, conversation: Joining) -> Addition | None:
    """An addition to the conversation with nothing in it yet."""
    if conversation is None:
        return None
    if conversation == "new":
        place, creates = ids.new_uuid(), True
    else:
        await places.check(actor, conversation)
        place, creates = conversation, False
    return Addition(organisation_id=actor.organisation_id, conversation_id=place, creates=creates)


def _keep(addition: Addition) -> Keep:
    """Stores an answer as the end of `addition`."""

    def keep(response: ChatResponse, complete: bool) -> Sequence[Write[Addition, None]]:
        answer = _first_answer(response, complete)
        whole = replace(addition, answer=answer)
        return [Write(append_turns, whole)] if answer or addition.asked else []

    return keep


def _first_answer(response: ChatResponse, complete: bool) -> Answer | None:
    """Of several choices the first is what the conversation goes on with."""
    if not response.choices or not response.choices[0].message.parts:
        return None
    message = response.choices[0].message
    return Answer(
        message=message, complete=complete, model=response.model, served_by=response.served_by
    )


async def _ask(question: Addition, events: AsyncGenerator[ChatEvent]) -> AsyncGenerator[ChatEvent]:
    """The events, none of them before the question is committed."""
    async with aclosing(events):
        async for first in events:
            await save(Write(append_turns, question))
            yield first
            break
        async for event in events:
            yield event
