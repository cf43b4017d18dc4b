"""The one way to ask a model. Every inference is counted, whatever comes of it.

What the caller wants stored with an answer (`Keep`) is committed before the answer is complete, and
in the same transaction as its entry in the ledger.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from common.group_commit import Write
from inference import pipeline
from inference.counting import CountingFailure, commit, spent
from inference.estimates import estimate_chat, estimate_embedding
from inference.metering import Meter
from inference.origin import Origin
from inference.sound import speak, transcribe
from inference.speakers import OfferedVoice, find_voices
from inference.telling import Telling
from organisations.actor import Actor
from usage.ledger import Entry
from usage.models import Purpose
from vocabulary.chat import ChatEvent, ChatRequest, ChatResponse, Usage
from vocabulary.embeddings import EmbeddingRequest, EmbeddingResponse
from vocabulary.errors import DomainError

__all__ = [
    "Keep",
    "OfferedVoice",
    "Origin",
    "Served",
    "complete",
    "embed",
    "find_voices",
    "run",
    "speak",
    "stream",
    "transcribe",
]

type Keep = Callable[[ChatResponse, bool], Sequence[Write[Any, Any]]]
"""What to store with an answer; False marks one that was cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What came of a request: a response or an error, and the entry still to be inserted."""

    response: ChatResponse | None = None
    error: DomainError | None = None
    entry: Entry


async def run(actor: Actor, request: ChatRequest, origin: Origin) -> Served:
    """Ask and write nothing, for callers who insert the entry in a transaction of their own."""
    meter = Meter(actor, request.model, request.user, origin)
    try:
        response = await pipeline.answer(actor, request, meter)
    except DomainError as error:
        return Served(error=error, entry=meter.failed(error, spent(error)))
    return Served(response=response, entry=meter.succeeded(response.usage or Usage()))


async def complete(
    actor: Actor, request: ChatRequest, origin: Origin, keep: Keep | None = None
) -> ChatResponse:
    """The whole answer. Raises what the upstream did wrong, or what kept it from being stored."""
    meter = Meter(actor, request.model, request.user, origin)
    async with CountingFailure(meter, lambda: estimate_chat(request)):
        response = await pipeline.answer(actor, request, meter)
    entry = meter.succeeded(response.usage or Usage())
    await commit(entry, keep(response, True) if keep is not None else ())
    return response


async def stream(
    actor: Actor, request: ChatRequest, origin: Origin, keep: Keep | None = None
) -> AsyncGenerator[ChatEvent]:
    """The answer piece by piece. `Finished` and `Metered` come when it is stored.

    Close it to hang up; what had arrived by then is kept as an incomplete answer.
    """
    meter = Meter(actor, request.model, request.user, replace(origin, streamed=True))
    telling = Telling(request)
    try:
        async with _open(await pipeline.events(actor, request, meter)) as events:
            async for event in events:
                if telling.hear(event):
                    if telling.has_content:
                        meter.note_content()
                    yield event
    except (GeneratorExit, asyncio.CancelledError):
        await commit(meter.hung_up(telling.usage), _keep_part(keep, telling))
        raise
    except Exception as error:
        used = telling.usage if telling.has_content else spent(error)
        await commit(meter.failed(error, used), _keep_part(keep, telling))
        raise
    entry = meter.succeeded(telling.usage)
    await commit(entry, keep(telling.response, True) if keep is not None else ())
    for event in telling.ending:
        yield event


async def embed(actor: Actor, request: EmbeddingRequest, origin: Origin) -> EmbeddingResponse:
    """The vectors of all inputs, in their order."""
    origin = replace(origin, purpose=Purpose.EMBEDDING.value)
    meter = Meter(actor, request.model, request.user, origin)
    async with CountingFailure(meter, lambda: estimate_embedding(request)):
        response = await pipeline.vectors(actor, request, meter)
    await commit(meter.succeeded(response.usage))
    return response


@asynccontextmanager
async def _open(events: AsyncIterator[ChatEvent]) -> AsyncIterator[AsyncIterator[ChatEvent]]:
    """Hangs up on the upstream when left."""
    try:
        yield events
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()


def _keep_part(keep: Keep | None, telling: Telling) -> Sequence[Write[Any, Any]]:
    return keep(telling.response, False) if keep is not None and telling.has_content else ()
