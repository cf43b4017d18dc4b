"""Chat completions: the format of `wire.openai_chat` with fewer fields, and a header for others.

What the format knows beyond Azure's reference (`n`, `logprobs`, …) is read as such when it is
passed through; the rest goes to an upstream of the same format as it came.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from surfaces.azure.translate.parameters import HEADER, settle
from vocabulary.chat import ChatRequest
from vocabulary.json import JsonObject
from wire.openai_chat import parse_request
from wire.openai_shapes import CHAT_FIELDS
from wire.shapes import record

KNOWN: Final = frozenset(
    {
        "messages", "stream", "frequency_penalty", "presence_penalty", "temperature", "top_p",
        "max_tokens", "response_format", "stop", "tools", "tool_choice", "seed", "model",
    }
)  # fmt: skip
CHAT: Final = record(
    "ChatRequest",
    {name: shape for name, shape in CHAT_FIELDS.items() if name in KNOWN},
    required=["messages"],
)
USAGE: Final[JsonObject] = {"include_usage": True}
"""Of a stream: its readers expect it at the end and cannot ask for it."""


def parse_chat(body: JsonObject, headers: Mapping[str, str], *, model: str) -> ChatRequest:
    """`model` is the one to ask. Raises InvalidRequest."""
    kept, extra = settle(body, KNOWN, headers.get(HEADER, ""))
    request = parse_request({**extra, **kept, "model": model})
    unread = {name: value for name, value in extra.items() if name not in CHAT_FIELDS}
    if not unread:
        return request
    passed = {**request.extras.get("openai", {}), **unread}
    return replace(request, extras={**request.extras, "openai": passed})
