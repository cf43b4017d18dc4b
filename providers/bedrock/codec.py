"""Chats as calls to Amazon Bedrock's Converse and ConverseStream, and their replies as answers.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html

Ignored are `min_p`, `frequency_penalty`, `presence_penalty`, `seed`, `logprobs`, `logit_bias`,
`reasoning_effort`, `parallel_tool_calls`, how closely an image is to be looked at, names of
speakers, users and metadata; what a model knows of these goes to it in `extras["bedrock"]`, which
may hold the fields of `KEPT`. What it answers beside its message, if it was asked for, stands in
the message's `extras["bedrock"]`. Several answers at once are `Unrepresentable`.

Calls are not signed here: that needs the time, and is done as they leave (`adapter`).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import orjson

from providers import replies
from providers.bedrock import event_stream
from providers.bedrock.answers import KIND, Answer, tell
from providers.bedrock.turns import render_system, render_turns
from providers.chats import json_call, patience
from providers.replies import misshapen, read_json, words_of
from vocabulary.chat import (
    AnyJson,
    ChatEvent,
    ChatRequest,
    ChatResponse,
    FunctionTool,
    Matching,
    NamedTool,
    OneOf,
    Output,
    Sampling,
    SchemaJson,
    Tool,
    ToolChoice,
)
from vocabulary.errors import (
    InvalidRequest,
    Unrepresentable,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamTimedOut,
    UpstreamUnavailable,
)
from vocabulary.json import Json, JsonObject
from vocabulary.streams import fold
from wire.fields import as_object, find_whole
from wire.http import HttpCall, Reply

if TYPE_CHECKING:
    from providers.protocols import Target

__all__ = ["StreamDecoder", "decode_chat", "decode_error", "encode_chat"]

KEPT: Final = (
    "additionalModelRequestFields", "additionalModelResponseFieldPaths", "guardrailConfig",
    "performanceConfig", "promptVariables", "requestMetadata", "serviceTier",
)  # fmt: skip
_LATER: Final = frozenset({"throttlingException", "serviceQuotaExceededException"})
_NO_MODEL: Final = "You don't have access to the model"


# -- the question -------------------------------------------------------------------------------
def encode_chat(request: ChatRequest, target: "Target", *, stream: bool = False) -> HttpCall:
    """Raises Unrepresentable."""
    if request.sampling.n > 1:
        raise Unrepresentable("n", "this upstream gives one answer at a time")
    may_call = bool(request.tools) and request.tool_choice != "none"
    body: dict[str, Json] = {
        "messages": render_turns(request.messages, may_call=may_call),
        **_render_rest(request, may_call=may_call),
    }
    verb = "converse-stream" if stream else "converse"
    model = quote(target.model, safe=":")
    url = f"{target.account.base_url.rstrip('/')}/model/{model}/{verb}"
    return json_call(url, {}, body, patience(target.account, stream=stream))


def _render_rest(request: ChatRequest, *, may_call: bool) -> dict[str, Json]:
    """What is said only where there is something to say."""
    rest: dict[str, Json] = {}
    if system := render_system(request.messages):
        rest["system"] = system
    if inference := _render_inference(request.sampling, request.stop):
        rest["inferenceConfig"] = inference
    if may_call:
        rest["toolConfig"] = _render_tools(request)
    if request.output is not None:
        rest["outputConfig"] = {"textFormat": _render_output(request.output)}
    given = request.extras.get(KIND, {})
    return rest | {name: given[name] for name in KEPT if name in given}


def _render_inference(sampling: Sampling, stop: tuple[str, ...]) -> JsonObject:
    given: dict[str, Json] = {
        "maxTokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "topP": sampling.top_p,
        "stopSequences": list(stop) or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _render_tools(request: ChatRequest) -> JsonObject:
    config: dict[str, Json] = {
        "tools": [_render_tool(tool, f"tools[{i}]") for i, tool in enumerate(request.tools)]
    }
    if request.tool_choice is not None:
        config["toolChoice"] = _render_choice(request.tool_choice)
    return config


def _render_tool(tool: Tool, at: str) -> JsonObject:
    if not isinstance(tool, FunctionTool):
        raise Unrepresentable(at, f"no upstream can run the tool {tool.name!r}")
    about = {"description": tool.description} if tool.description else {}
    schema = tool.parameters or {"type": "object", "properties": {}}
    return {"toolSpec": {"name": tool.name, **about, "inputSchema": {"json": schema}}}


def _render_choice(choice: ToolChoice) -> JsonObject:
    if isinstance(choice, NamedTool):
        return {"tool": {"name": choice.name}}
    return {"any": {}} if choice == "required" else {"auto": {}}


def _render_output(output: Output) -> JsonObject:
    """A schema is written as text."""
    match output:
        case SchemaJson():
            about = {"description": output.description} if output.description else {}
            schema = {"name": output.name, **about, "schema": _dump(output.schema)}
        case AnyJson():
            schema = {"name": "answer", "schema": _dump({"type": "object"})}
        case OneOf() | Matching():
            raise Unrepresentable("response_format", "this upstream writes texts or JSON")
    return {"type": "json_schema", "structure": {"jsonSchema": schema}}


def _dump(schema: JsonObject) -> str:
    return orjson.dumps(schema).decode()


# -- the answer, whole --------------------------------------------------------------------------
def decode_chat(body: bytes) -> ChatResponse:
    """Raises UpstreamError."""
    try:
        return fold(tell(read_json(body)))
    except InvalidRequest as fault:
        raise misshapen(fault) from fault


# -- the answer, as it arrives ------------------------------------------------------------------
class StreamDecoder:
    """Turns the bytes of one streamed answer into events; raises UpstreamError.

    An answer counts as whole once it said why it ended.
    """

    def __init__(self) -> None:
        self._messages = event_stream.Decoder()
        self._answer = Answer()
        self.done = False

    def feed(self, chunk: bytes) -> Iterator[ChatEvent]:
        for message in self._messages.feed(chunk):
            if message.headers.get(":message-type") != "event":
                raise _decode_stream_error(message)
            yield from self._decode(message)

    def close(self) -> Iterator[ChatEvent]:
        """To be called once after the last bytes."""
        if not self._answer.has_ended:
            raise UpstreamUnavailable("the upstream broke off its answer")
        yield from ()

    def _decode(self, message: event_stream.Message) -> Iterator[ChatEvent]:
        try:
            body = as_object(read_json(message.payload), "")
            yield from self._read(message.headers.get(":event-type", ""), body)
        except InvalidRequest as fault:
            raise misshapen(fault) from fault

    def _read(self, kind: str, body: JsonObject) -> Iterator[ChatEvent]:
        match kind:
            case "messageStart":
                yield from self._answer.start()
            case "contentBlockStart":
                yield from self._answer.start_block(body)
            case "contentBlockDelta":
                yield from self._answer.grow_block(body)
            case "contentBlockStop":
                position = find_whole(body, "contentBlockIndex", "", least=0) or 0
                yield from self._answer.end_block(position)
            case "messageStop":
                yield from self._answer.end(body)
            case "metadata":
                yield from self._answer.meter(body)
                self.done = self._answer.has_ended


# -- what goes wrong ----------------------------------------------------------------------------
def decode_error(reply: Reply, provider: str, now: datetime) -> UpstreamError:
    """As others', but for those that only AWS tells by their names."""
    error = replies.decode_error(reply, provider, now)
    kind = reply.headers.get("x-amzn-errortype", "").partition(":")[0]
    told = _words(reply)
    if kind == "ModelErrorException" or reply.status == 424:
        return UpstreamUnavailable(error.message, status=reply.status, provider=provider)
    if kind == "ServiceQuotaExceededException":
        return UpstreamRateLimited(error.message, status=reply.status, provider=provider)
    if reply.status == 403 and told.startswith(_NO_MODEL):
        return UpstreamRefused(told, status=403, provider=provider)
    return error


def _words(reply: Reply) -> str:
    try:
        return words_of(read_json(reply.body))
    except UpstreamError:
        return ""


def _decode_stream_error(message: event_stream.Message) -> UpstreamError:
    headers = message.headers
    kind = headers.get(":exception-type") or headers.get(":error-code", "")
    told = headers.get(":error-message") or _words(
        Reply(status=200, headers={}, body=message.payload)
    )
    told = told or f"the upstream reported {kind or 'an error'} inside its answer"
    kind = kind[:1].lower() + kind[1:]
    if kind in _LATER:
        return UpstreamRateLimited(told)
    if kind == "modelTimeoutException":
        return UpstreamTimedOut(told)
    if kind == "validationException":
        return UpstreamRefused(told, status=400)
    return UpstreamUnavailable(told)
