"""Chats as calls to Anthropic's Messages API, and its replies as answers.

Content that it cannot carry is `Unrepresentable`: audio, videos, files by id, documents other than
PDF and plain text, several answers at once.

Ignored are `min_p`, `frequency_penalty`, `presence_penalty`, `seed`, `logprobs`, `logit_bias`, how
closely an image is to be looked at, names of speakers, and metadata. Models that take no sampling
knobs get none, and those that take them get `temperature` alone where `top_p` is given too
(`knobs`). Thoughts without a signature stay behind: they are another maker's (`turns`).
`extras["anthropic"]` may hold the fields of `KEPT`.

An account's options: `anthropic_version`, `anthropic_beta` (both headers), `timeout` (seconds).
Reference: https://platform.claude.com/docs/en/api/messages
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from providers.anthropic.answers import Answer
from providers.anthropic.knobs import (
    render_knobs,
    render_output_config,
    render_tool_choice,
    render_tools,
)
from providers.anthropic.turns import render_system, render_turns
from providers.chats import json_call, option, patience
from providers.replies import decode_error, misshapen, read_json, words_of
from vocabulary.chat import ChatEvent, ChatRequest, ChatResponse
from vocabulary.errors import (
    InvalidRequest,
    Unrepresentable,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamTimedOut,
    UpstreamUnavailable,
)
from vocabulary.json import Json, JsonObject
from vocabulary.streams import fold
from wire import fields
from wire.http import HttpCall
from wire.sse import Decoder

if TYPE_CHECKING:
    from providers.protocols import Account, Target

__all__ = ["StreamDecoder", "decode_chat", "decode_error", "encode_chat"]

KIND: Final = "anthropic"
VERSION: Final = "2023-06-01"
MAX_TOKENS: Final = 4096
"""Of an answer whose length nobody limits, by a model of which nothing is known."""
KEPT: Final = ("cache_control", "inference_geo", "service_tier", "thinking", "top_k")
_LATER: Final = frozenset({"rate_limit_error", "overloaded_error"})


# -- the question -------------------------------------------------------------------------------
def encode_chat(request: ChatRequest, target: "Target", *, stream: bool = False) -> HttpCall:
    """Raises Unrepresentable."""
    if request.sampling.n > 1:
        raise Unrepresentable("n", "this model gives one answer at a time")
    body: dict[str, Json] = {
        "model": target.model,
        "max_tokens": request.sampling.max_tokens or _longest(target),
        "messages": render_turns(request.messages),
        **_render_rest(request, target),
    }
    if stream:
        body["stream"] = True
    account = target.account
    return json_call(_url(account), _headers(account), body, patience(account, stream=stream))


def _render_rest(request: ChatRequest, target: "Target") -> dict[str, Json]:
    """What is said only where there is something to say."""
    rest: dict[str, Json] = {}
    if system := render_system(request):
        rest["system"] = system
    if tools := render_tools(request, strict=target.facts.writes_schema):
        rest["tools"] = tools
    if tools and (choice := render_tool_choice(request)):
        rest["tool_choice"] = choice
    if request.stop:
        rest["stop_sequences"] = list(request.stop)
    if request.user is not None:
        rest["metadata"] = {"user_id": request.user}
    rest |= render_knobs(request.sampling, target.model)
    rest |= render_output_config(request, target.model)
    given = request.extras.get(KIND, {})
    return rest | {key: given[key] for key in KEPT if key in given}


def _longest(target: "Target") -> int:
    return target.facts.max_completion_tokens or MAX_TOKENS


def _url(account: "Account") -> str:
    """Its base may be given with the version or without."""
    return f"{account.base_url.rstrip('/').removesuffix('/v1')}/v1/messages"


def _headers(account: "Account") -> dict[str, str]:
    """These hold the account's key: never log them."""
    headers = {"anthropic-version": option(account, "anthropic_version") or VERSION}
    if account.api_key:
        headers["x-api-key"] = account.api_key.reveal()
    if beta := option(account, "anthropic_beta"):
        headers["anthropic-beta"] = beta
    return headers


# -- the answer, whole --------------------------------------------------------------------------
def decode_chat(body: bytes) -> ChatResponse:
    """Raises UpstreamError."""
    try:
        return fold(_tell(fields.as_object(read_json(body), "")))
    except InvalidRequest as fault:
        raise misshapen(fault) from fault


def _tell(message: JsonObject) -> Iterator[ChatEvent]:
    """A whole message as the events of its stream, so that the two cannot drift."""
    answer = Answer()
    yield from answer.start(message)
    for index, block in enumerate(fields.get_list(message, "content", "")):
        yield from answer.start_block(index, fields.as_object(block, f"content[{index}]"))
        yield from answer.end_block(index)
    answer.hear_end(message)
    answer.hear_usage(message)
    yield from answer.finish()


# -- the answer, as it arrives ------------------------------------------------------------------
class StreamDecoder:
    """Turns the bytes of one streamed answer into events; raises UpstreamError.

    An answer counts as whole once it said why it ended.
    """

    def __init__(self) -> None:
        self._events = Decoder()
        self._answer = Answer()
        self.done = False

    def feed(self, chunk: bytes) -> Iterator[ChatEvent]:
        for event in self._events.feed(chunk):
            yield from self._decode(event.data)

    def close(self) -> Iterator[ChatEvent]:
        """To be called once after the last bytes."""
        for event in self._events.close():
            yield from self._decode(event.data)
        if not self._answer.has_ended:
            raise UpstreamUnavailable("the upstream broke off its answer")
        yield from self._answer.finish()

    def _decode(self, data: str) -> Iterator[ChatEvent]:
        if self.done:
            return
        try:
            yield from self._read(fields.as_object(read_json(data), ""))
        except InvalidRequest as fault:
            raise misshapen(fault) from fault

    def _read(self, event: JsonObject) -> Iterator[ChatEvent]:
        """Kinds of events that we do not know are passed over, as its makers ask."""
        match event.get("type"):
            case "message_start":
                yield from self._answer.start(fields.get_object(event, "message", ""))
            case "content_block_start":
                block = fields.get_object(event, "content_block", "")
                yield from self._answer.start_block(_index(event), block)
            case "content_block_delta":
                delta = fields.get_object(event, "delta", "")
                yield from self._answer.grow_block(_index(event), delta)
            case "content_block_stop":
                yield from self._answer.end_block(_index(event))
            case "message_delta":
                self._answer.hear_end(fields.get_object(event, "delta", ""))
                self._answer.hear_usage(event)
            case "message_stop":
                self.done = True
            case "error":
                raise _decode_stream_error(event.get("error"))


def _index(event: JsonObject) -> int:
    return fields.find_whole(event, "index", "", least=0) or 0


def _decode_stream_error(error: Json) -> UpstreamError:
    message = words_of(error) or "the upstream reported an error inside its answer"
    kind = error.get("type") if isinstance(error, dict) else None
    if kind in _LATER:
        return UpstreamRateLimited(message, status=529 if kind == "overloaded_error" else 429)
    if kind == "timeout_error":
        return UpstreamTimedOut(message)
    return UpstreamUnavailable(message)
