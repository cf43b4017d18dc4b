"""Messages as turns of the Messages API: the user's and the model's, alternating.

What the system says comes first, wherever it stood: there is no such role in a turn. Results of
tools are the user's, and those of calls made together must come together, so neighbours of one
role become one turn. Empty texts are refused there and say nothing; they are left out.
"""

import base64
import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal, assert_never

import orjson

from providers.anthropic.knobs import JSON_ALONE
from providers.anthropic.thoughts import HIDDEN
from vocabulary.chat import (
    AnyJson,
    Audio,
    ChatRequest,
    Document,
    Image,
    Inline,
    Location,
    Message,
    Part,
    Reasoning,
    Refusal,
    Stored,
    Text,
    ToolCall,
    ToolResult,
    Url,
    Video,
)
from vocabulary.errors import Unrepresentable
from vocabulary.json import Json, JsonObject

type Speaker = Literal["user", "assistant"]

PDF: Final = "application/pdf"
_PDF_START: Final = base64.b64encode(b"%PDF-1")[:6].decode()
_NOT_OF_AN_ID: Final = re.compile(r"[^a-zA-Z0-9_-]")


# -- what the system says -----------------------------------------------------------------------
def render_system(request: ChatRequest) -> str:
    """Its messages, one below the other. A wish for some JSON has no place but there."""
    said = [
        text
        for i, message in enumerate(request.messages)
        if message.role in ("system", "developer")
        for text in _words(message, f"messages[{i}]")
    ]
    if isinstance(request.output, AnyJson):
        said.append(JSON_ALONE)
    return "\n\n".join(said)


def _words(message: Message, at: str) -> Iterator[str]:
    for i, part in enumerate(message.parts):
        if not isinstance(part, Text):
            kind = type(part).__name__
            raise Unrepresentable(f"{at}.parts[{i}]", f"the system says no {kind} to this model")
        if part.text:
            yield part.text


# -- turns --------------------------------------------------------------------------------------
def render_turns(messages: Sequence[Message]) -> list[JsonObject]:
    """Raises Unrepresentable, also where nobody says anything."""
    turns: list[tuple[Speaker, list[JsonObject]]] = []
    for i, message in enumerate(messages):
        if message.role in ("system", "developer"):
            continue
        speaker: Speaker = "assistant" if message.role == "assistant" else "user"
        blocks = list(_render_parts(message.parts, speaker, f"messages[{i}].parts"))
        if turns and turns[-1][0] == speaker:
            turns[-1][1].extend(blocks)
        elif blocks:
            turns.append((speaker, blocks))
    if not turns:
        raise Unrepresentable("messages", "this model needs a message of the user")
    return [{"role": speaker, "content": blocks} for speaker, blocks in turns]


def _render_parts(parts: Sequence[Part], speaker: Speaker, at: str) -> Iterator[JsonObject]:
    render = _render_answer if speaker == "assistant" else _render_asked
    for i, part in enumerate(parts):
        block = render(part, f"{at}[{i}]")
        if block is not None:
            yield block


def _render_asked(part: Part, at: str) -> JsonObject | None:
    match part:
        case Text() | Refusal():
            return _render_text(part.text)
        case Image():
            return {"type": "image", "source": _render_image(part.at, at)}
        case Document():
            title = {"title": part.filename} if part.filename else {}
            return {"type": "document", "source": _render_document(part.at, at), **title}
        case ToolResult():
            content = {"content": part.text} if part.text else {}
            return {"type": "tool_result", "tool_use_id": _render_id(part.call_id), **content}
        case Audio() | Video():
            raise Unrepresentable(at, f"this model takes no {type(part).__name__.lower()}")
        case ToolCall() | Reasoning():
            raise Unrepresentable(at, f"a {type(part).__name__} is the model's to say")
        case _:
            assert_never(part)


def _render_answer(part: Part, at: str) -> JsonObject | None:
    match part:
        case Text() | Refusal():
            return _render_text(part.text)
        case Reasoning():
            return _render_thought(part)
        case ToolCall():
            return {
                "type": "tool_use",
                "id": _render_id(part.id),
                "name": part.name,
                "input": _render_arguments(part.arguments),
            }
        case Image() | Audio() | Video() | Document() | ToolResult():
            raise Unrepresentable(at, f"this model says no {type(part).__name__}")
        case _:
            assert_never(part)


def _render_text(text: str) -> JsonObject | None:
    return {"type": "text", "text": text} if text else None


def _render_thought(thought: Reasoning) -> JsonObject | None:
    """Only as its maker signed it; another's, or one whose signature got lost, is refused there."""
    if thought.signature is None:
        return None
    hidden = HIDDEN.find(thought.signature)
    if hidden is not None:
        return {"type": "redacted_thinking", "data": hidden}
    return {"type": "thinking", "thinking": thought.text, "signature": thought.signature}


# -- calls of tools -----------------------------------------------------------------------------
def _render_id(call_id: str) -> str:
    """Ids of other makers may hold signs that are refused here."""
    return _NOT_OF_AN_ID.sub("_", call_id)


def _render_arguments(text: str) -> JsonObject:
    """Models break off in the middle of them, too; what is no object is told as its makers ask."""
    try:
        arguments: Json = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        arguments = None
    return arguments if isinstance(arguments, dict) else {"INVALID_JSON": text}


# -- media --------------------------------------------------------------------------------------
def _render_image(location: Location, at: str) -> JsonObject:
    match location:
        case Inline():
            return _render_bytes(location.media_type, location.data)
        case Url():
            return {"type": "url", "url": location.url}
        case Stored():
            raise Unrepresentable(at, "this model cannot be told of a stored file")
        case _:
            assert_never(location)


def _render_document(location: Location, at: str) -> JsonObject:
    """PDF by its first bytes too: senders of files often do not say what they are."""
    match location:
        case Inline(media_type=kind) if kind == PDF or location.data.startswith(_PDF_START):
            return _render_bytes(PDF, location.data)
        case Inline(media_type=kind) if kind.startswith("text/"):
            text = _read_text(location.data, at)
            return {"type": "text", "media_type": "text/plain", "data": text}
        case Inline():
            raise Unrepresentable(at, "this model reads only PDF and plain text")
        case Url():
            return {"type": "url", "url": location.url}
        case Stored():
            raise Unrepresentable(at, "this model cannot be told of a stored file")
        case _:
            assert_never(location)


def _render_bytes(media_type: str, data: str) -> JsonObject:
    return {"type": "base64", "media_type": media_type, "data": data}


def _read_text(data: str, at: str) -> str:
    try:
        return base64.b64decode(data, validate=True).decode()
    except ValueError:
        raise Unrepresentable(at, "this model reads only text that is UTF-8") from None
