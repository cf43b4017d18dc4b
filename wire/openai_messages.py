"""Messages in the OpenAI chat format, both directions.

An assistant's message says its parts in four fields, so their order on this wire is always
reasoning, content, refusal, tool calls; an empty content is no part. Reasoning signatures stay
behind: this wire has no place for them.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import chain

from vocabulary.chat import (
    Message,
    Part,
    Reasoning,
    Refusal,
    Role,
    Text,
    ToolCall,
    ToolResult,
)
from vocabulary.errors import InvalidRequest, Unrepresentable
from vocabulary.json import Json, JsonObject
from wire.fields import as_object, find_list, find_text, get_object, get_text, place
from wire.openai_parts import parse_part, render_part

ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "developer",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}


def parse_messages(values: Sequence[Json], at: str) -> tuple[Message, ...]:
    if not values:
        raise InvalidRequest(at, "must hold at least one message")
    return tuple([parse_message(value, f"{at}[{i}]") for i, value in enumerate(values)])


def render_messages(messages: Sequence[Message], at: str) -> list[JsonObject]:
    rendered = (render_message(m, f"{at}[{i}]") for i, m in enumerate(messages))
    return list(chain.from_iterable(rendered))


def parse_message(value: Json, at: str) -> Message:
    body = as_object(value, at)
    role = _parse_role(body, at)
    return Message(role=role, parts=_parse_parts(body, role, at), name=find_text(body, "name", at))


def render_message(message: Message, at: str) -> list[JsonObject]:
    """One message; a tool message becomes one for each of its results."""
    name = {"name": message.name} if message.name is not None else {}
    match message.role:
        case "assistant":
            return [{"role": "assistant"} | render_answer(message.parts, at) | name]
        case "tool":
            return [
                _render_result(p, f"{at}.parts[{i}]") | name for i, p in enumerate(message.parts)
            ]
        case role:
            return [{"role": role, "content": _render_content(message.parts, at)} | name]


def _parse_role(body: JsonObject, at: str) -> Role:
    word = get_text(body, "role", at)
    if word in ROLES:
        return ROLES[word]
    if word == "function":
        raise Unrepresentable(place(at, "role"), "'function' is not taken; use tools")
    raise InvalidRequest(place(at, "role"), f"unknown role {word!r}")


def _parse_parts(body: JsonObject, role: Role, at: str) -> tuple[Part, ...]:
    match role:
        case "assistant":
            return parse_answer(body, at)
        case "tool":
            return (_parse_result(body, at),)
        case "user":
            return _parse_content(body, at)
        case _:
            return _parse_words(body, at)


# -- content ------------------------------------------------------------------------------------
def _parse_content(body: JsonObject, at: str) -> tuple[Part, ...]:
    content, at = body.get("content"), place(at, "content")
    if isinstance(content, str):
        return (Text(text=content),)
    if content is None:
        raise InvalidRequest(at, "is required", missing="content" not in body)
    if not isinstance(content, list):
        raise InvalidRequest(at, "must be a string or an array of parts")
    return tuple([parse_part(value, f"{at}[{i}]") for i, value in enumerate(content)])


def _parse_words(body: JsonObject, at: str) -> tuple[Part, ...]:
    """Content of a role that only speaks."""
    parts = _parse_content(body, at)
    for i, part in enumerate(parts):
        if not isinstance(part, Text):
            raise InvalidRequest(f"{at}.content[{i}].type", "this role takes only text parts")
    return parts


def _render_content(parts: Sequence[Part], at: str) -> Json:
    if len(parts) == 1 and isinstance(parts[0], Text):
        return parts[0].text
    return [render_part(part, f"{at}.parts[{i}]") for i, part in enumerate(parts)]


# -- an assistant's message: also what a response's choice holds --------------------------------
def parse_answer(body: JsonObject, at: str) -> tuple[Part, ...]:
    for key in ("audio", "function_call"):
        if body.get(key) is not None:
            raise Unrepresentable(place(at, key), f"{key!r} is not taken here")
    parts: list[Part] = []
    if reasoning := parse_reasoning(body, at):
        parts.append(Reasoning(text=reasoning))
    if body.get("content"):
        parts.extend(_parse_content(body, at))
    if refusal := find_text(body, "refusal", at):
        parts.append(Refusal(text=refusal))
    calls, at_calls = find_list(body, "tool_calls", at), place(at, "tool_calls")
    parts.extend(_parse_call(call, f"{at_calls}[{i}]") for i, call in enumerate(calls))
    return tuple(parts)


def parse_reasoning(body: JsonObject, at: str) -> str | None:
    """Servers disagree on the field's name."""
    key = "reasoning_content" if body.get("reasoning_content") is not None else "reasoning"
    return find_text(body, key, at)


def render_answer(parts: Sequence[Part], at: str) -> dict[str, Json]:
    reasoning = "".join([p.text for p in parts if isinstance(p, Reasoning)])
    refusal = "".join([p.text for p in parts if isinstance(p, Refusal)])
    calls = [render_call(p) for p in parts if isinstance(p, ToolCall)]
    content = [p for p in parts if not isinstance(p, Reasoning | Refusal | ToolCall)]
    body: dict[str, Json] = {"content": _render_content(content, at) if content else None}
    if refusal:
        body["refusal"] = refusal
    if reasoning:
        body["reasoning_content"] = reasoning
    if calls:
        body["tool_calls"] = calls
    return body


# -- tool calls and their results ---------------------------------------------------------------
def _parse_call(value: Json, at: str) -> ToolCall:
    body = as_object(value, at)
    kind = find_text(body, "type", at) or "function"
    if kind != "function":
        raise Unrepresentable(place(at, "type"), f"tool calls of type {kind!r} are not taken")
    function, inside = get_object(body, "function", at), place(at, "function")
    return ToolCall(
        id=get_text(body, "id", at),
        name=get_text(function, "name", inside),
        arguments=_parse_arguments(function, inside),
    )


def _parse_arguments(function: JsonObject, at: str) -> str:
    """JSON text; some servers answer with the decoded object instead, or leave it out."""
    if isinstance(decoded := function.get("arguments"), dict):
        return json.dumps(decoded, ensure_ascii=False)
    return find_text(function, "arguments", at) or ""


def render_call(call: ToolCall) -> JsonObject:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def _parse_result(body: JsonObject, at: str) -> ToolResult:
    words = (part.text for part in _texts(_parse_words(body, at)))
    return ToolResult(call_id=get_text(body, "tool_call_id", at), text="".join(words))


def _render_result(part: Part, at: str) -> dict[str, Json]:
    if not isinstance(part, ToolResult):
        raise Unrepresentable(at, "a tool message holds only tool results")
    return {"role": "tool", "tool_call_id": part.call_id, "content": part.text}


def _texts(parts: Sequence[Part]) -> Iterator[Text]:
    return (part for part in parts if isinstance(part, Text))
