"""Chat completions in the OpenAI format, whole or streamed: what every surface that speaks it does
between its own `parse_chat` and its own wording of errors.
"""

import re
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from typing import Final

from common.bodies import dump_json
from conversations import turns
from conversations.turns import Joining
from inference.origin import Origin
from surfaces.kit import Answer
from surfaces.live import EventStream, LiveCall
from surfaces.promises import Parameter
from vocabulary.chat import ChatEvent, ChatRequest, Started
from vocabulary.errors import DomainError, InvalidRequest
from vocabulary.json import Json, JsonObject
from wire.openai_chat import ChunkEncoder, Delivery, parse_delivery, render_response
from wire.sse import DONE, encode

CONVERSATION: Final = "X-Conversation-Id"
SERVED_BY: Final = "X-Served-By"
NEW: Final = "new"
SERVED_BY_ABOUT: Final = "The upstream that answered."
JOINING: Final = (
    Parameter(name=CONVERSATION, about="The conversation to join: its id, or `new` for a new one."),
)
PROMISED: Final = {
    SERVED_BY: SERVED_BY_ABOUT,
    CONVERSATION: "The conversation that was joined.",
}
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

type StreamError = Callable[[DomainError], JsonObject]


class InvalidHeader(InvalidRequest):
    """A header of the request is not valid; `path` is its name."""


async def answer_chat(
    call: LiveCall, request: ChatRequest, render_stream_error: StreamError
) -> Answer | EventStream:
    """Ask the model, in the conversation that the call joins. `render_stream_error` words what ends
    a stream that had begun."""
    delivery = parse_delivery(call.body)
    joining = parse_joining(call.headers)
    origin = Origin(surface=call.surface.name, request_id=call.request_id, streamed=delivery.stream)
    if delivery.stream:
        conversation, events = await turns.stream(call.actor, request, origin, joining)
        return await _open_stream(conversation, events, delivery, render_stream_error)
    turn = await turns.complete(call.actor, request, origin, joining)
    return Answer(
        body=render_response(turn.response),
        headers=_headers(turn.response.served_by, turn.conversation_id),
    )


def parse_joining(headers: Mapping[str, str]) -> Joining:
    """The conversation that the caller names in a header (lower-case names): its id, or `new`."""
    text = headers.get(CONVERSATION.lower(), "").strip()
    if not text:
        return None
    if text == NEW:
        return NEW
    if not _UUID.fullmatch(text):
        raise InvalidHeader(CONVERSATION, "must be a UUID or the word 'new'")
    return uuid.UUID(text)


async def _open_stream(
    conversation: uuid.UUID | None,
    events: AsyncIterator[ChatEvent],
    delivery: Delivery,
    render_stream_error: StreamError,
) -> EventStream:
    """The first event names who serves, which is a header: the answer begins after it."""
    first = await anext(events)
    served_by = first.served_by if isinstance(first, Started) else ""
    return EventStream(
        blocks=_blocks(first, events, ChunkEncoder(include_usage=delivery.include_usage)),
        render_error=lambda error: _block(render_stream_error(error)),
        headers={"cache-control": "no-cache", **_headers(served_by, conversation)},
    )


async def _blocks(
    first: ChatEvent, events: AsyncIterator[ChatEvent], encoder: ChunkEncoder
) -> AsyncGenerator[str]:
    """Closing this closes `events`, which stops the upstream and counts what it used."""
    async with aclosing(events):  # type: ignore[type-var]
        for chunk in encoder.render_event(first):
            yield _block(chunk)
        async for event in events:
            for chunk in encoder.render_event(event):
                yield _block(chunk)
    yield DONE


def _block(data: Json) -> str:
    return encode(dump_json(data).decode())


def _headers(served_by: str, conversation: uuid.UUID | None) -> dict[str, str]:
    headers = {SERVED_BY: served_by} if served_by else {}
    return headers if conversation is None else {**headers, CONVERSATION: str(conversation)}
