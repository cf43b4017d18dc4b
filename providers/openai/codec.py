"""Chats and embeddings as calls to a server of the OpenAI format, and its replies as answers.

Knobs that a server lacks it ignores or refuses itself; none is dropped here. A request's metadata
stays with us: it is for our own lists, and servers take it only for what they store themselves.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from common.bodies import dump_json
from providers.openai.endpoint import Endpoint
from providers.replies import misshapen, read_json, words_of
from vocabulary.chat import ChatEvent, ChatRequest, ChatResponse
from vocabulary.embeddings import EmbeddingRequest, EmbeddingResponse
from vocabulary.errors import (
    InvalidRequest,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamUnavailable,
)
from vocabulary.json import Json
from wire import openai_chat, openai_embeddings
from wire.http import Deadlines, HttpCall
from wire.sse import Decoder

if TYPE_CHECKING:
    from providers.protocols import Target

STREAM_TIMEOUT = 600.0


# -- the question -------------------------------------------------------------------------------
def encode_chat(request: ChatRequest, target: "Target", *, stream: bool = False) -> HttpCall:
    """Raises Unrepresentable."""
    endpoint = Endpoint(account=target.account)
    body = openai_chat.render_request(request, max_tokens_field=endpoint.max_tokens_field)
    body["model"] = target.model
    body.pop("metadata", None)
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    total = max(endpoint.timeout, STREAM_TIMEOUT) if stream else endpoint.timeout
    return _call(endpoint, target, "chat/completions", body, total)


def encode_embedding(request: EmbeddingRequest, target: "Target") -> HttpCall:
    endpoint = Endpoint(account=target.account)
    body = openai_embeddings.render_request(replace(request, model=target.model), "base64")
    return _call(endpoint, target, "embeddings", body, endpoint.timeout)


def _call(endpoint: Endpoint, target: "Target", path: str, body: Json, total: float) -> HttpCall:
    return HttpCall(
        method="POST",
        url=endpoint.url(target, path),
        headers=endpoint.headers(),
        body=_write_json(body),
        deadlines=Deadlines(total=total),
    )


# -- the answer, whole --------------------------------------------------------------------------
def decode_chat(body: bytes) -> ChatResponse:
    """Raises UpstreamError, also for an answer without choices."""
    try:
        response = openai_chat.parse_response(read_json(body))
    except InvalidRequest as fault:
        raise misshapen(fault) from fault
    if not response.choices:
        raise UpstreamUnavailable("the upstream answered without choices")
    return response


def decode_embedding(body: bytes) -> EmbeddingResponse:
    """Raises UpstreamError."""
    try:
        return openai_embeddings.parse_response(read_json(body))
    except InvalidRequest as fault:
        raise misshapen(fault) from fault


# -- the answer, as it arrives ------------------------------------------------------------------
class StreamDecoder:
    """Turns the bytes of one streamed answer into events; raises UpstreamError.

    An answer counts as whole when each choice said why it ended, or the stream said `[DONE]`: many
    a broken connection looks like a quiet end.
    """

    def __init__(self) -> None:
        self._events = Decoder()
        self._chunks = openai_chat.ChunkDecoder()
        self.done = False

    def feed(self, chunk: bytes) -> Iterator[ChatEvent]:
        for event in self._events.feed(chunk):
            yield from self._decode(event.data)

    def close(self) -> Iterator[ChatEvent]:
        """To be called once after the last bytes."""
        for event in self._events.close():
            yield from self._decode(event.data)
        yield from self._chunks.end(done=self.done)
        if not self._chunks.complete:
            raise UpstreamUnavailable("the upstream broke off its answer")

    def _decode(self, data: str) -> Iterator[ChatEvent]:
        if self.done or data == "[DONE]":
            self.done = True
            return
        body = read_json(data)
        if isinstance(body, dict) and body.get("error"):
            raise _decode_stream_error(body["error"])
        try:
            yield from self._chunks.parse_chunk(body)
        except InvalidRequest as fault:
            raise misshapen(fault) from fault


# -- what goes wrong ----------------------------------------------------------------------------
def _decode_stream_error(error: Json) -> UpstreamError:
    code = error.get("code") if isinstance(error, dict) else None
    message = words_of(error) or "the upstream reported an error inside its answer"
    if code in (429, "429", "rate_limit_exceeded"):
        return UpstreamRateLimited(message)
    return UpstreamUnavailable(message)


def _write_json(body: Json) -> bytes:
    try:
        return dump_json(body)
    except (TypeError, ValueError) as fault:  # lone surrogates, infinities
        raise InvalidRequest("", f"cannot be sent as JSON: {fault}") from fault
