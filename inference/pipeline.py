"""From a request to an upstream's answer: find who serves the model, ask it, count what it used."""

from collections.abc import AsyncIterator
from dataclasses import replace

from inference import structured
from inference.estimates import estimate_chat, estimate_embedding
from inference.metering import Meter
from inference.tools import with_tools
from organisations.actor import Actor
from providers import routing
from providers.models import Power
from providers.protocols import ChatProvider, Target
from vocabulary.chat import ChatEvent, ChatRequest, ChatResponse
from vocabulary.embeddings import EmbeddingRequest, EmbeddingResponse


async def answer(actor: Actor, request: ChatRequest, meter: Meter) -> ChatResponse:
    """The whole answer, with its usage, estimated where the upstream did not say."""
    provider, target = await _find_provider(actor, request, meter)
    if request.output is None:
        response = await provider.complete(request, target)
    else:
        response = await structured.complete(provider, request, target)
    if response.usage is None:
        return replace(response, usage=estimate_chat(request, response))
    return response


async def events(actor: Actor, request: ChatRequest, meter: Meter) -> AsyncIterator[ChatEvent]:
    """The stream that tells the answer; it is not yet begun, and closing it hangs up."""
    provider, target = await _find_provider(actor, request, meter)
    if request.output is None:
        return provider.stream(request, target)
    return structured.stream(provider, request, target)


async def _find_provider(
    actor: Actor, request: ChatRequest, meter: Meter
) -> tuple[ChatProvider, Target]:
    """Who answers, with the tools of the request that we run."""
    target = await routing.resolve(actor, request.model, Power.CHAT)
    provider = await with_tools(
        routing.chat_provider(target.account.kind),
        actor,
        request,
        target,
        origin=meter.origin,
        spend=meter.spent,
    )
    meter.served_by(target)
    return provider, target


async def vectors(actor: Actor, request: EmbeddingRequest, meter: Meter) -> EmbeddingResponse:
    """The vectors, with usage as in `answer`."""
    target = await routing.resolve(actor, request.model, Power.EMBEDDING)
    meter.served_by(target)
    provider = routing.embedding_provider(target.account.kind)
    response = await provider.embed(request, target)
    if response.usage.total_tokens == 0:
        return replace(response, usage=estimate_embedding(request))
    return response
