"""Chats and embeddings as calls to Telnyx; `providers.chats` reads its replies.

https://developers.telnyx.com/api/inference/inference-embedding/post-embedding

A text of a few or of a pattern (`OneOf`, `Matching`) it keeps to itself, as `guided_choice` and
`guided_regex`. It takes no name of a tool as the choice among them: a call of that tool is required
and the others are left out. Images have no `detail`. Knobs that it does not document (`logit_bias`,
`parallel_tool_calls`, `user`) are left out, and `extras["telnyx"]` holds those it alone has
(`KNOBS`).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from providers.chats import StreamDecoder, decode_chat, decode_embedding, json_call, patience
from providers.replies import decode_error
from vocabulary.chat import (
    ChatRequest,
    FunctionTool,
    Matching,
    NamedTool,
    OneOf,
    ServerTool,
    Tool,
)
from vocabulary.embeddings import EmbeddingRequest
from vocabulary.json import Json, JsonObject
from wire import openai_chat, openai_embeddings
from wire.http import HttpCall
from wire.openai_messages import render_messages

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

KIND: Final = "telnyx"
KNOBS: Final = (
    "use_beam_search", "best_of", "early_stopping", "length_penalty", "region", "mode",
)  # fmt: skip
_UNKNOWN: Final = ("metadata", "logit_bias", "parallel_tool_calls", "user")


def encode_chat(request: ChatRequest, target: "Target", *, stream: bool = False) -> HttpCall:
    """Raises Unrepresentable."""
    shape = _guide(request)
    plain = _with_plain_choice(replace(request, messages=()))
    plain = replace(plain, output=None) if shape else plain
    rendered = openai_chat.render_request(plain, max_tokens_field="max_tokens")
    body = {name: value for name, value in rendered.items() if name not in _UNKNOWN}
    body |= {**shape, **_knobs(request), "model": target.model}
    messages = render_messages(request.messages, "messages")
    body["messages"] = [_with_plain_images(message) for message in messages]
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    url = address(target.account, "ai/chat/completions")
    return json_call(url, headers(target.account), body, patience(target.account, stream=stream))


def encode_embedding(request: EmbeddingRequest, target: "Target") -> HttpCall:
    body = openai_embeddings.render_request(replace(request, model=target.model), "base64")
    url = address(target.account, "ai/openai/embeddings")
    return json_call(url, headers(target.account), body, patience(target.account))


def address(account: "Account", path: str) -> str:
    """The base URL ends with the version (`https://api.telnyx.com/v2`)."""
    return f"{account.base_url.rstrip('/')}/{path}"


def headers(account: "Account") -> dict[str, str]:
    """These hold the account's key: never log them."""
    key = account.api_key.reveal()
    return {"Authorization": f"Bearer {key}"} if key else {}


def _guide(request: ChatRequest) -> dict[str, Json]:
    match request.output:
        case OneOf(choices=choices):
            return {"guided_choice": list(choices)}
        case Matching(pattern=pattern):
            return {"guided_regex": pattern}
    return {}


def _knobs(request: ChatRequest) -> dict[str, Json]:
    own = request.extras.get(KIND, {})
    return {name: own[name] for name in KNOBS if name in own}


def _with_plain_choice(request: ChatRequest) -> ChatRequest:
    if not isinstance(request.tool_choice, NamedTool):
        return request
    named = _find_tools(request.tools, request.tool_choice.name)
    return replace(request, tool_choice="required", tools=named or request.tools)


def _find_tools(tools: Sequence[Tool], name: str) -> tuple[Tool, ...]:
    return tuple(t for t in tools if isinstance(t, FunctionTool | ServerTool) and t.name == name)


def _with_plain_images(message: JsonObject) -> JsonObject:
    content = message.get("content")
    if not isinstance(content, list):
        return message
    return {**message, "content": [_plain_part(part) for part in content]}


def _plain_part(part: Json) -> Json:
    """An image's address stands bare."""
    match part:
        case {"type": "image_url", "image_url": {"url": url}}:
            return {"type": "image_url", "image_url": url}
    return part
