"""Answers of the Messages API in the shapes its reference documents."""

import json
from itertools import batched
from typing import Any

MESSAGE: dict[str, Any] = {
    "id": "msg_013Zva2CMHLNnXjNJJKqJ2EF",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5-20250929",
    "content": [
        {"type": "thinking", "thinking": "She means Paris.", "signature": "EqQBCgIYAg=="},
        {"type": "redacted_thinking", "data": "EmwKAhgBEgy3va3pzix"},
        {"type": "text", "text": "It is in Paris."},
        {
            "type": "tool_use",
            "id": "toolu_01D7FLrfh4GYq7yT1ULFeyMV",
            "name": "get_weather",
            "input": {"city": "Paris", "units": ["°C"]},
        },
        {"type": "tool_use", "id": "toolu_02", "name": "now", "input": {}},
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 20,
        "cache_creation_input_tokens": 100,
        "cache_read_input_tokens": 300,
        "output_tokens": 50,
        "output_tokens_details": {"thinking_tokens": 12},
        "service_tier": "standard",
    },
}
TEXT = MESSAGE | {
    "content": [{"type": "text", "text": "Hello there."}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 3, "output_tokens": 4},
}
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


def stream(message: dict[str, Any], *, piece: int = 5) -> list[dict[str, Any]]:
    """The events that tell `message`, its texts cut into pieces."""
    usage = message["usage"]
    blank = {"content": [], "stop_reason": None, "usage": usage | {"output_tokens": 1}}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": message | blank}]
    for index, block in enumerate(message["content"]):
        seed, deltas = _cut(block, piece)
        events.append({"type": "content_block_start", "index": index, "content_block": seed})
        events.append({"type": "ping"})
        events.extend(
            {"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas
        )
        events.append({"type": "content_block_stop", "index": index})
    ends = ("stop_reason", "stop_sequence", "stop_details")
    delta = {key: message[key] for key in ends if key in message}
    later = {key: usage[key] for key in usage if key.startswith("output_tokens")}
    events.append({"type": "message_delta", "delta": delta, "usage": later})
    return [*events, {"type": "message_stop"}]


def spell(events: list[dict[str, Any]]) -> bytes:
    """As server-sent events."""
    told = (f"event: {e['type']}\ndata: {json.dumps(e, ensure_ascii=False)}\n\n" for e in events)
    return "".join(told).encode()


def _cut(block: dict[str, Any], piece: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    def pieces(text: str) -> list[str]:
        return ["".join(part) for part in batched(text, piece, strict=False)]

    match block["type"]:
        case "text":
            deltas = [{"type": "text_delta", "text": part} for part in pieces(block["text"])]
            return block | {"text": ""}, deltas
        case "thinking":
            words = [{"type": "thinking_delta", "thinking": p} for p in pieces(block["thinking"])]
            signature = {"type": "signature_delta", "signature": block["signature"]}
            return block | {"thinking": "", "signature": ""}, [*words, signature]
        case "tool_use":
            spelled = json.dumps(block["input"], ensure_ascii=False) if block["input"] else ""
            parts = ["", *pieces(spelled)]
            deltas = [{"type": "input_json_delta", "partial_json": part} for part in parts]
            return block | {"input": {}}, deltas
    return block, []
