"""Messages as turns of Converse: the user's and the model's, alternating.

What the system says comes first, wherever it stood. Results of tools are the user's, and neighbours
of one role become one turn. Empty texts are refused there and say nothing; they are left out.
Thoughts without a signature are another maker's and stay behind. Calls and results of tools are
taken only beside tools: where none may be called they are told in words.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal, assert_never

import orjson

from providers.bedrock.media import render_audio, render_document, render_image, render_video
from providers.bedrock.thoughts import HIDDEN
from vocabulary.chat import (
    Audio,
    Document,
    Image,
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
    Video,
)
from vocabulary.errors import Unrepresentable
from vocabulary.json import Json, JsonObject

type Speaker = Literal["user", "assistant"]

SYSTEM: Final = ("system", "developer")
_NOT_OF_AN_ID: Final = re.compile(r"[^a-zA-Z0-9_-]")


def render_system(messages: Sequence[Message]) -> list[Json]:
    said = ((i, message) for i, message in enumerate(messages) if message.role in SYSTEM)
    return [block for i, message in said for block in _words(message, f"messages[{i}].parts")]


def render_turns(messages: Sequence[Message], *, may_call: bool) -> list[Json]:
    """Raises Unrepresentable."""
    turns: list[tuple[Speaker, list[Json]]] = []
    for i, message in enumerate(messages):
        if message.role in SYSTEM:
            continue
        speaker: Speaker = "assistant" if message.role == "assistant" else "user"
        blocks = list(_render_parts(message.parts, f"messages[{i}].parts", may_call=may_call))
        if turns and turns[-1][0] == speaker:
            turns[-1][1].extend(blocks)
        elif blocks:
            turns.append((speaker, blocks))
    return [{"role": speaker, "content": blocks} for speaker, blocks in turns]


def _words(message: Message, at: str) -> Iterator[Json]:
    for i, part in enumerate(message.parts):
        if not isinstance(part, Text):
            kind = type(part).__name__
            raise Unrepresentable(f"{at}[{i}]", f"the system says no {kind} to this model")
        yield from _render_text(part.text)


def _render_parts(parts: Sequence[Part], at: str, *, may_call: bool) -> Iterator[Json]:
    for i, part in enumerate(parts):
        if not may_call and isinstance(part, ToolCall | ToolResult):
            yield {"text": _in_words(part)}
        else:
            yield from _render_part(part, f"{at}[{i}]")


def _render_part(part: Part, at: str) -> Iterator[Json]:
    match part:
        case Text() | Refusal():
            yield from _render_text(part.text)
        case Image():
            yield render_image(part, at)
        case Document():
            yield render_document(part, at)
        case Video():
            yield render_video(part, at)
        case Audio():
            yield render_audio(part, at)
        case ToolCall():
            yield _render_call(part)
        case ToolResult():
            yield _render_result(part)
        case Reasoning():
            yield from _render_thought(part)
        case _:
            assert_never(part)


def _render_text(text: str) -> Iterator[Json]:
    if text:
        yield {"text": text}


def _render_call(call: ToolCall) -> JsonObject:
    use: JsonObject = {
        "toolUseId": _tool_use_id(call.id),
        "name": call.name,
        "input": _arguments(call),
    }
    return {"toolUse": use}


def _render_result(result: ToolResult) -> JsonObject:
    told: JsonObject = {
        "toolUseId": _tool_use_id(result.call_id),
        "content": list(_render_text(result.text)),
    }
    return {"toolResult": told}


def _arguments(call: ToolCall) -> JsonObject:
    """What the model wrote, also where it is not the object that it should have been."""
    if not call.arguments.strip():
        return {}
    try:
        read = orjson.loads(call.arguments)
    except orjson.JSONDecodeError:
        read = call.arguments
    return read if isinstance(read, dict) else {"arguments": read}


def _render_thought(thought: Reasoning) -> Iterator[Json]:
    if thought.signature is None:
        return
    hidden = HIDDEN.find(thought.signature)
    if hidden is not None:
        yield {"reasoningContent": {"redactedContent": hidden}}
    else:
        said: JsonObject = {"text": thought.text, "signature": thought.signature}
        yield {"reasoningContent": {"reasoningText": said}}


def _in_words(part: ToolCall | ToolResult) -> str:
    if isinstance(part, ToolCall):
        return f"(called the tool {part.name} with {part.arguments or '{}'})"
    return f"(the tool answered: {part.text})"


def _tool_use_id(text: str) -> str:
    return _NOT_OF_AN_ID.sub("_", text)[:64]
