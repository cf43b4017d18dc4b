"""Whole chat answers in the OpenAI format, both directions.

Of the fields that this format alone has, `system_fingerprint` and `service_tier` travel in
`extras["openai"]`. Citations (`annotations`) are not carried: the tools that make them are refused.
"""

from collections.abc import Mapping

from vocabulary.chat import (
    ChatResponse,
    Choice,
    Finish,
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
)
from vocabulary.errors import Unrepresentable
from vocabulary.json import Json, JsonObject
from wire.fields import as_object, find_object, find_text, find_whole, get_list, get_object, place
from wire.openai_messages import parse_answer, render_answer
from wire.openai_usage import parse_logprobs, parse_usage, render_logprobs, render_usage

KEPT = ("system_fingerprint", "service_tier")
FINISHES: dict[str, Finish] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "error": "error",
}


# -- reading ------------------------------------------------------------------------------------
def parse_response(body: Json) -> ChatResponse:
    """Raises InvalidRequest. Ids, times and models that a server leaves out are empty."""
    body = as_object(body, "")
    choices = get_list(body, "choices", "")
    return ChatResponse(
        id=find_text(body, "id", "") or "",
        model=find_text(body, "model", "") or "",
        created=find_whole(body, "created", "", least=0) or 0,
        choices=tuple([_parse_choice(c, i, f"choices[{i}]") for i, c in enumerate(choices)]),
        usage=parse_usage(find_object(body, "usage", ""), "usage"),
        extras=parse_extras(body),
    )


def _parse_choice(value: Json, position: int, at: str) -> Choice:
    body = as_object(value, at)
    index = find_whole(body, "index", at, least=0)
    message = get_object(body, "message", at)
    return Choice(
        message=Message(role="assistant", parts=parse_answer(message, place(at, "message"))),
        finish=parse_finish(find_text(body, "finish_reason", at)),
        index=position if index is None else index,
        logprobs=parse_logprobs(find_object(body, "logprobs", at), place(at, "logprobs")),
    )


def parse_finish(word: str | None) -> Finish:
    """Servers have their own words for a plain end ("eos", "end_turn"): all of them are `stop`."""
    return FINISHES.get(word or "stop", "stop")


def parse_extras(body: JsonObject) -> Mapping[str, Json]:
    kept = {key: body[key] for key in KEPT if body.get(key) is not None}
    return {"openai": kept} if kept else {}


# -- writing ------------------------------------------------------------------------------------
def render_response(response: ChatResponse) -> dict[str, Json]:
    body: dict[str, Json] = {
        "id": response.id,
        "object": "chat.completion",
        "created": response.created,
        "model": response.model,
        "choices": [_render_choice(choice) for choice in response.choices],
    }
    if response.usage is not None:
        body["usage"] = render_usage(response.usage)
    body.update(render_extras(response.extras))
    return body


def _render_choice(choice: Choice) -> JsonObject:
    at = f"choices[{choice.index}].message"
    answer = render_answer(_with_one_text(choice.message.parts, at), at)
    return {
        "index": choice.index,
        "message": {"role": "assistant", "content": None, "refusal": None} | answer,
        "logprobs": render_logprobs(choice.logprobs),
        "finish_reason": choice.finish,
    }


def _with_one_text(parts: tuple[Part, ...], at: str) -> tuple[Part, ...]:
    """A response's content is one text, not a list."""
    for part in parts:
        if not isinstance(part, Text | Reasoning | Refusal | ToolCall):
            kind = type(part).__name__
            raise Unrepresentable(at, f"the OpenAI chat format has no {kind} in an answer")
    texts = [part.text for part in parts if isinstance(part, Text)]
    if len(texts) < 2:
        return parts
    others = [part for part in parts if not isinstance(part, Text)]
    return (Text(text="".join(texts)), *others)


def render_extras(extras: Mapping[str, Json]) -> JsonObject:
    kept = extras.get("openai")
    return kept if isinstance(kept, dict) else {}
