"""Chats and embeddings as calls to Google's Generative Language API, and its replies as answers.

Content that it cannot carry is `Unrepresentable`: files by id, media of an unknown kind, results of
tools that nobody called, inputs that are token ids.

Ignored are `min_p`, `logit_bias`, `parallel_tool_calls`, how closely an image is to be looked at,
names of speakers, the user and metadata. An effort is told where the model's name says how
(`knobs`). Thoughts without a signature stay behind (`contents`). `extras["gemini"]` may hold the
fields of `KEPT` and of `knobs.KEPT`.

An account's options: `api_version` (else `v1beta`), `timeout` (seconds).
Reference: https://ai.google.dev/api/generate-content
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from providers import replies
from providers.chats import json_call, option, patience
from providers.gemini.answers import Answer
from providers.gemini.contents import render_contents, render_system
from providers.gemini.knobs import render_config, render_tool_choice, render_tools
from providers.replies import misshapen, read_json, words_of
from vocabulary.chat import ChatEvent, ChatRequest, ChatResponse, Usage
from vocabulary.embeddings import EmbeddingRequest, EmbeddingResponse
from vocabulary.errors import (
    InvalidRequest,
    Unrepresentable,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamUnavailable,
)
from vocabulary.json import Json, JsonObject
from vocabulary.streams import fold
from wire import fields
from wire.http import Deadlines, HttpCall, Reply
from wire.sse import Decoder

if TYPE_CHECKING:
    from providers.protocols import Account, Target

__all__ = [
    "StreamDecoder",
    "decode_chat",
    "decode_embedding",
    "decode_error",
    "encode_chat",
    "encode_embedding",
]

KIND: Final = "gemini"
VERSION: Final = "v1beta"
KEPT: Final = ("cachedContent", "safetySettings", "serviceTier")
MOST_TEXTS: Final = 100
"""Of one call for embeddings."""


# -- the question -------------------------------------------------------------------------------
def encode_chat(request: ChatRequest, target: "Target", *, stream: bool = False) -> HttpCall:
    """Raises Unrepresentable."""
    own = request.extras.get(KIND, {})
    body: dict[str, Json] = {"contents": render_contents(request.messages, target.model)}
    if system := render_system(request.messages):
        body["systemInstruction"] = {"parts": system}
    if request.tools:
        body["tools"] = render_tools(request.tools)
    if request.tool_choice is not None and request.tools:
        body["toolConfig"] = render_tool_choice(request.tool_choice)
    if config := render_config(request, target.model, own):
        body["generationConfig"] = config
    body |= {key: own[key] for key in KEPT if key in own}
    method = "streamGenerateContent?alt=sse" if stream else "generateContent"
    return _call(target, method, body, patience(target.account, stream=stream))


def encode_embedding(request: EmbeddingRequest, target: "Target") -> HttpCall:
    """Of at most `MOST_TEXTS`; raises Unrepresentable."""
    size = {} if request.dimensions is None else {"outputDimensionality": request.dimensions}
    task = {key: request.extras.get(KIND, {}).get(key) for key in ("taskType", "title")}
    told = {"model": _path(target.model)} | size | {k: v for k, v in task.items() if v is not None}
    asked = [told | {"content": _text(one, i)} for i, one in enumerate(request.inputs)]
    return _call(target, "batchEmbedContents", {"requests": asked}, patience(target.account))


def _text(given: str | tuple[int, ...], position: int) -> JsonObject:
    if not isinstance(given, str):
        raise Unrepresentable(f"input[{position}]", "this model embeds texts, not token ids")
    return {"parts": [{"text": given}]}


def _call(target: "Target", method: str, body: JsonObject, deadlines: Deadlines) -> HttpCall:
    account = target.account
    headers = {"x-goog-api-key": account.api_key.reveal()} if account.api_key else {}
    url = f"{_base(account)}/{quote(_path(target.model))}:{method}"
    return json_call(url, headers, body, deadlines)


def _base(account: "Account") -> str:
    """It may be given with the version or without."""
    version = option(account, "api_version") or VERSION
    return f"{account.base_url.rstrip('/').removesuffix(f'/{version}')}/{version}"


def _path(model: str) -> str:
    return model if "/" in model else f"models/{model}"


# -- the answer, whole --------------------------------------------------------------------------
def decode_chat(body: bytes) -> ChatResponse:
    """Raises UpstreamError, also for an answer without candidates that does not say why."""
    return fold(_tell(read_json(body)))


def _tell(body: Json) -> Iterator[ChatEvent]:
    """A whole answer is a stream of one piece, so that the two cannot drift."""
    answer = Answer()
    try:
        yield from answer.read(fields.as_object(body, ""))
    except InvalidRequest as fault:
        raise misshapen(fault) from fault
    if not answer.has_begun:
        raise UpstreamUnavailable("the upstream answered without candidates")
    yield from answer.finish()


def decode_embedding(body: bytes) -> EmbeddingResponse:
    """Raises UpstreamError. What it cost in tokens, only newer models tell."""
    try:
        answer = fields.as_object(read_json(body), "")
        rows = fields.get_list(answer, "embeddings", "")
        counts = fields.find_object(answer, "usageMetadata", "") or {}
        return EmbeddingResponse(
            model="",
            vectors=tuple([_read_vector(row, f"embeddings[{i}]") for i, row in enumerate(rows)]),
            usage=Usage(
                prompt_tokens=fields.find_whole(counts, "promptTokenCount", "", least=0) or 0
            ),
        )
    except InvalidRequest as fault:
        raise misshapen(fault) from fault


def _read_vector(row: Json, at: str) -> tuple[float, ...]:
    values = fields.get_list(fields.as_object(row, at), "values", at)
    return tuple([fields.as_number(value, f"{at}.values[{i}]") for i, value in enumerate(values)])


# -- the answer, as it arrives ------------------------------------------------------------------
class StreamDecoder:
    """Turns the bytes of one streamed answer into events; raises UpstreamError.

    Nothing marks the end of a stream. It counts as whole when each candidate said why it ended;
    some models say so with every piece, so it is never `done` before its bytes end.
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
        body = read_json(data)
        if isinstance(body, dict) and body.get("error"):
            raise _decode_stream_error(body["error"])
        try:
            yield from self._answer.read(fields.as_object(body, ""))
        except InvalidRequest as fault:
            raise misshapen(fault) from fault


# -- what goes wrong ----------------------------------------------------------------------------
def decode_error(reply: Reply, provider: str, now: datetime) -> UpstreamError:
    """As everywhere; how long to wait stands in the body here."""
    error = replies.decode_error(reply, provider, now)
    if isinstance(error, UpstreamRateLimited) and error.retry_after is None:
        error.retry_after = _find_delay(reply.body)
    return error


def _find_delay(body: bytes) -> float | None:
    """The seconds of `google.rpc.RetryInfo`, spelled "34.07s"."""
    try:
        error = fields.get_object(fields.as_object(read_json(body), ""), "error", "")
        for detail in fields.find_list(error, "details", "error"):
            if delay := fields.find_text(fields.as_object(detail, ""), "retryDelay", ""):
                return max(0.0, float(delay.removesuffix("s")))
    except (InvalidRequest, UpstreamError, ValueError):
        pass
    return None


def _decode_stream_error(error: Json) -> UpstreamError:
    message = words_of(error) or "the upstream reported an error inside its answer"
    code = error.get("code") if isinstance(error, dict) else None
    return UpstreamRateLimited(message) if code == 429 else UpstreamUnavailable(message)
