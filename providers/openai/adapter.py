"""The adapter of upstreams that speak the OpenAI format: the codec joined with the one door out."""

from collections.abc import AsyncIterator
from dataclasses import replace

from common import clock, ids
from common.http import StreamingReply, open_stream, send
from providers.openai import codec
from providers.protocols import Target
from vocabulary.chat import ChatEvent, ChatRequest, ChatResponse, Started
from vocabulary.embeddings import EmbeddingRequest, EmbeddingResponse
from vocabulary.errors import UpstreamError, UpstreamUnavailable
from vocabulary.streams import explode
from wire.http import HttpCall, Reply

MAX_ERROR_BYTES = 64 * 1024


class OpenAI:
    """Chats and embeds."""

    async def complete(self, request: ChatRequest, target: Target) -> ChatResponse:
        with _Naming(target):
            body = await _fetch(codec.encode_chat(request, target), target)
            return _sign(codec.decode_chat(body), target)

    async def stream(self, request: ChatRequest, target: Target) -> AsyncIterator[ChatEvent]:
        call = codec.encode_chat(request, target, stream=True)
        with _Naming(target):
            async with open_stream(call) as reply:
                async for event in _read_stream(reply, target):
                    yield _sign(event, target) if isinstance(event, Started) else event

    async def embed(self, request: EmbeddingRequest, target: Target) -> EmbeddingResponse:
        with _Naming(target):
            body = await _fetch(codec.encode_embedding(request, target), target)
            response = codec.decode_embedding(body)
            if len(response.vectors) != len(request.inputs):
                raise UpstreamUnavailable("the upstream answered with too few or too many vectors")
        model = response.model or target.model
        return replace(response, model=model, served_by=target.account.name)


async def _fetch(call: HttpCall, target: Target) -> bytes:
    """The body of a successful reply."""
    reply = await send(call)
    if reply.status != 200:
        raise codec.decode_error(reply, target.account.name, clock.now())
    return reply.body


async def _read_stream(reply: StreamingReply, target: Target) -> AsyncIterator[ChatEvent]:
    if reply.status != 200:
        error = await _read_all(reply, MAX_ERROR_BYTES)
        raise codec.decode_error(error, target.account.name, clock.now())
    if reply.headers.get("content-type", "").startswith("application/json"):
        whole = await _read_all(reply)  # some servers answer whole although asked to stream
        for event in explode(codec.decode_chat(whole.body)):
            yield event
        return
    decoder = codec.StreamDecoder()
    async for chunk in reply.chunks:
        for event in decoder.feed(chunk):
            yield event
        if decoder.done:
            break
    for event in decoder.close():
        yield event


async def _read_all(reply: StreamingReply, most: int | None = None) -> Reply:
    """The reply with its body; what goes beyond `most` bytes is left unread."""
    body = bytearray()
    async for chunk in reply.chunks:
        body += chunk
        if most is not None and len(body) >= most:
            break
    return Reply(status=reply.status, headers=reply.headers, body=bytes(body))


def _sign[A: (ChatResponse, Started)](answer: A, target: Target) -> A:
    """Says who served it, and fills in what the upstream left out."""
    return replace(
        answer,
        id=answer.id or ids.new("chatcmpl"),
        model=answer.model or target.model,
        created=answer.created or clock.unix(),
        served_by=target.account.name,
    )


class _Naming:
    """Errors say which account they come from."""

    __slots__ = ("_target",)

    def __init__(self, target: Target) -> None:
        self._target = target

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, UpstreamError):
            error.provider = error.provider or self._target.account.name
