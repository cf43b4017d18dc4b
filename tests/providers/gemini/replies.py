"""Answers of the Generative Language API in the shapes its reference documents."""

import json
from typing import Any

ANSWER: dict[str, Any] = {
    "candidates": [
        {
            "content": {
                "role": "model",
                "parts": [
                    {"text": "She means Paris.", "thought": True},
                    {"text": "It is in Paris."},
                    {
                        "functionCall": {"name": "get_weather", "args": {"city": "Paris"}},
                        "thoughtSignature": "CpYBAVSoXO4=",
                    },
                    {"functionCall": {"id": "8f2b1a", "name": "now"}},
                ],
            },
            "finishReason": "STOP",
            "index": 0,
            "safetyRatings": [],
        }
    ],
    "usageMetadata": {
        "promptTokenCount": 400,
        "cachedContentTokenCount": 300,
        "candidatesTokenCount": 40,
        "thoughtsTokenCount": 12,
        "totalTokenCount": 452,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 390},
            {"modality": "AUDIO", "tokenCount": 10},
        ],
    },
    "modelVersion": "gemini-2.5-flash",
    "responseId": "mAitaLmkHPPlz7IPvtfUqQ4",
}
BLOCKED = {
    "promptFeedback": {"blockReason": "SAFETY"},
    "usageMetadata": {"promptTokenCount": 7, "totalTokenCount": 7},
    "modelVersion": "gemini-2.5-flash",
}
BUSY = {
    "error": {
        "code": 429,
        "message": "You exceeded your current quota.",
        "status": "RESOURCE_EXHAUSTED",
        "details": [
            {"@type": "type.googleapis.com/google.rpc.Help"},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"},
        ],
    }
}


def answer(*parts: dict[str, Any], reason: str | None = "STOP", **more: Any) -> dict[str, Any]:
    """An answer of one candidate that says these parts."""
    candidate = {"content": {"role": "model", "parts": list(parts)}, "index": 0} | more
    if reason is not None:
        candidate["finishReason"] = reason
    frame = {key: ANSWER[key] for key in ("modelVersion", "responseId")}
    usage = {"promptTokenCount": 3, "candidatesTokenCount": 4, "totalTokenCount": 7}
    return frame | {"candidates": [candidate], "usageMetadata": usage}


TEXT = answer({"text": "Hello there."})


def stream(whole: dict[str, Any], *, piece: int = 5) -> list[dict[str, Any]]:
    """The pieces that tell `whole`: each part by itself, unsigned texts cut further."""
    frame = {key: whole[key] for key in whole if key not in ("candidates", "usageMetadata")}
    usage = whole.get("usageMetadata", {})
    growing = {"promptTokenCount": usage.get("promptTokenCount", 0)}
    pieces: list[dict[str, Any]] = []
    for candidate in whole.get("candidates", []):
        index = {"index": candidate["index"]}
        for part in candidate.get("content", {}).get("parts", []):
            for cut in _cut(part, piece):
                content = {"role": "model", "parts": [cut]}
                told = {"candidates": [index | {"content": content}], "usageMetadata": growing}
                pieces.append(frame | told)
        ends = {key: value for key, value in candidate.items() if key == "finishReason"}
        pieces.append(frame | {"candidates": [index | ends]})
    return [*pieces, frame | {"usageMetadata": usage}]


def spell(pieces: list[dict[str, Any]]) -> bytes:
    """As server-sent events, with the line ends of this server."""
    told = (f"data: {json.dumps(piece, ensure_ascii=False)}\r\n\r\n" for piece in pieces)
    return "".join(told).encode()


def _cut(part: dict[str, Any], piece: int) -> list[dict[str, Any]]:
    text = part.get("text", "")
    if "thoughtSignature" in part or len(text) <= piece:
        return [part]
    return [part | {"text": text[i : i + piece]} for i in range(0, len(text), piece)]
