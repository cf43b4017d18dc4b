"""Adapters of chats and of embeddings, made of a codec and the one door out."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

from common import clock, ids
from common.http import StreamingReply, open_stream
from providers.calling import fetch, naming
from providers.protocols import Account, Target
from vocabulary.chat import ChatEvent, ChatRequest, ChatResponse, Started
from vocabulary.embeddings import EmbeddingRequest, EmbeddingResponse
from vocabulary.errors import UpstreamError, UpstreamUnavailable
from vocabulary.streams import explode
from wire.http import HttpCall, Reply

MAX_ERROR_BYTES: Final = 64 * 1024


class StreamReader(Protocol):
    """Turns the bytes of one answer into events; raises `UpstreamError`, from `close` too for an
    answer that was broken off. Once `done`, nothing more is to come."""

    @property
    def done(self) -> bool: ...

    def feed(self, chunk: bytes) -> Iterator[ChatEvent]: ...

    def close(self) -> Iterator[ChatEvent]: ...


class ChatCodec(Protocol):
    """The pure functions of a vendor's chat; usually a module."""

    @property
    def StreamDecoder(self) -> Callable[[], StreamReader]: ...

    def encode_chat(
        self, request: ChatRequest, target: Target, *, stream: bool = False
    ) -> HttpCall: ...

    def decode_chat(self, body: bytes) -> ChatResponse: ...

    def decode_error(self, reply: Reply, provider: str, now: datetime) -> UpstreamError: ...


class EmbeddingCodec(Protocol):
    """The pure functions of a vendor's embeddings; usually a module."""

    def encode_embedding(self, request: EmbeddingRequest, target: Target) -> HttpCall: ...

    def decode_embedding(self, body: bytes) -> EmbeddingResponse: ...

    def decode_error(self, reply: Reply, provider: str, now: datetime) -> UpstreamError: ...


class Chatting:
    """Answers chats."""

    def __init__(self, codec: ChatCodec) -> None:
        self._chats = codec

    async def complete(self, request: ChatRequest, target: Target) -> ChatResponse:
        with naming(target.account):
            call = self.prepare(self._chats.encode_chat(request, target), target.account)
            reply = await fetch(call, target.account, self._chats.decode_error)
            return _sign(self._chats.decode_chat(reply.body), target)

    async def stream(self, request: ChatRequest, target: Target) -> AsyncIterator[ChatEvent]:
        encoded = self._chats.encode_chat(request, target, stream=True)
        with naming(target.account):
            call = self.prepare(encoded, target.account)
            async with open_stream(call) as reply:
                async for event in self._read(reply, target):
                    yield _sign(event, target) if isinstance(event, Started) else event

    def prepare(self, call: HttpCall, account: Account) -> HttpCall:
        """The call as it leaves: for upstreams whose calls carry a time, or are signed."""
        return call

    async def _read(self, reply: StreamingReply, target: Target) -> AsyncIterator[ChatEvent]:
        if reply.status != 200:
            error = await _read_all(reply, MAX_ERROR_BYTES)
            raise self._chats.decode_error(error, target.account.name, clock.now())
        if reply.headers.get("content-type", "").startswith("application/json"):
            whole = await _read_all(reply)  # some servers answer whole although asked to stream
            for event in explode(self._chats.decode_chat(whole.body)):
                yield event
            return
        decoder = self._chats.StreamDecoder()
        async for chunk in reply.chunks:
            for event in decoder.feed(chunk):
                yield event
            if decoder.done:
                break
        for event in decoder.close():
            yield event


class Embedding:
    """Turns texts into vectors."""

    def __init__(self, codec: EmbeddingCodec) -> None:
        self._embeddings = codec

    async def embed(self, request: EmbeddingRequest, target: Target) -> EmbeddingResponse:
        with naming(target.account):
            call = self._embeddings.encode_embedding(request, target)
            reply = await fetch(call, target.account, self._embeddings.decode_error)
            response = self._embeddings.decode_embedding(reply.body)
            if len(response.vectors) != len(request.inputs):
                raise UpstreamUnavailable("the upstream answered with too few or too many vectors")
        model = response.model or target.model
        return replace(response, model=model, served_by=target.account.name)


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
