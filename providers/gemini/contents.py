"""Messages as contents of the Generative Language API.

What the system says stands apart, wherever it stood. Results of tools are told with the tool's
name, so the call must stand before them; those of calls made together are one content. Empty texts
are left out, and so are thoughts that nobody signed.
"""

import base64
import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, assert_never
from urllib.parse import urlsplit

import orjson

from providers.gemini.knobs import takes_signatures
from providers.gemini.signatures import FOREIGN, find_sign, is_made
from vocabulary.chat import (
    Audio,
    Document,
    Image,
    Inline,
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

_UNKNOWN: Final = ("", "application/octet-stream")
_PDF: Final = "application/pdf"
_PDF_START: Final = base64.b64encode(b"%PDF-1")[:6].decode()


# -- what the system says -----------------------------------------------------------------------
def render_system(messages: Sequence[Message]) -> list[JsonObject]:
    return [
        {"text": part.text}
        for i, message in enumerate(messages)
        if message.role in ("system", "developer")
        for part in _words(message, f"messages[{i}]")
        if part.text
    ]


def _words(message: Message, at: str) -> Iterator[Text]:
    for i, part in enumerate(message.parts):
        if not isinstance(part, Text):
            kind = type(part).__name__
            raise Unrepresentable(f"{at}.parts[{i}]", f"the system says no {kind} to this model")
        yield part


# -- contents -----------------------------------------------------------------------------------
def render_contents(messages: Sequence[Message], model: str) -> list[JsonObject]:
    """Raises Unrepresentable, also where nobody says anything."""
    contents: list[tuple[str, list[JsonObject]]] = []
    names: dict[str, str] = {}
    for i, message in enumerate(messages):
        if message.role in ("system", "developer"):
            continue
        names |= {call.id: call.name for call in message.tool_calls}
        parts = _render_parts(message, names, model, f"messages[{i}].parts")
        if contents and contents[-1][0] == message.role:
            contents[-1][1].extend(parts)
        elif parts:
            contents.append((message.role, parts))
    if not contents:
        raise Unrepresentable("messages", "this model needs a message of the user")
    return [
        {"role": "model" if role == "assistant" else "user", "parts": parts}
        for role, parts in contents
    ]


def _render_parts(
    message: Message, names: Mapping[str, str], model: str, at: str
) -> list[JsonObject]:
    if message.role == "assistant":
        return list(_render_answer(message.parts, model, at))
    parts = (_render_asked(part, names, f"{at}[{i}]") for i, part in enumerate(message.parts))
    return [part for part in parts if part is not None]


def _render_asked(part: Part, names: Mapping[str, str], at: str) -> JsonObject | None:
    match part:
        case Text() | Refusal():
            return {"text": part.text} if part.text else None
        case Image() | Audio() | Video() | Document():
            return _render_medium(part, at)
        case ToolResult():
            return _render_result(part, names, at)
        case ToolCall() | Reasoning():
            raise Unrepresentable(at, f"a {type(part).__name__} is the model's to say")
        case _:
            assert_never(part)


# -- what the model said ------------------------------------------------------------------------
def _render_answer(parts: Sequence[Part], model: str, at: str) -> Iterator[JsonObject]:
    """A signature belongs to the part behind it; of calls made together the first has one."""
    signature: str | None = None
    has_called = not takes_signatures(model)
    for i, part in enumerate(parts):
        if isinstance(part, Reasoning) and not part.text:
            yield from _render_lone(signature)
            signature = find_sign(part)
            continue
        said = _render_said(part, f"{at}[{i}]")
        if said is None:
            continue
        if isinstance(part, ToolCall):
            signature = signature or (None if has_called else FOREIGN)
            has_called = True
        yield said if signature is None else {**said, "thoughtSignature": signature}
        signature = None
    yield from _render_lone(signature)


def _render_lone(signature: str | None) -> Iterator[JsonObject]:
    """A signature with nothing behind it."""
    if signature is not None:
        yield {"text": "", "thoughtSignature": signature}


def _render_said(part: Part, at: str) -> JsonObject | None:
    match part:
        case Text() | Refusal():
            return {"text": part.text} if part.text else None
        case Reasoning():
            return _render_thought(part)
        case ToolCall():
            return {"functionCall": _render_call(part)}
        case Image() | Audio() | Video() | Document():
            return _render_medium(part, at)
        case ToolResult():
            raise Unrepresentable(at, "this model says no ToolResult")
        case _:
            assert_never(part)


def _render_thought(thought: Reasoning) -> JsonObject | None:
    if thought.signature is None:
        return None
    return {"text": thought.text, "thought": True, "thoughtSignature": thought.signature}


# -- calls of tools -----------------------------------------------------------------------------
def _render_call(call: ToolCall) -> JsonObject:
    """Other models may have spelled something else than an object, which is told as such."""
    arguments = _read_object(call.arguments or "{}")
    if arguments is None:
        arguments = {"INVALID_JSON": call.arguments}
    return {**_render_id(call.id), "name": call.name, "args": arguments}


def _render_result(result: ToolResult, names: Mapping[str, str], at: str) -> JsonObject:
    """A result that is an object is told as such, any other under the name that is meant for it."""
    if result.call_id not in names:
        raise Unrepresentable(f"{at}.call_id", "no call of that id stands before it")
    told = _read_object(result.text)
    response: JsonObject = {"output": result.text} if told is None else told
    told_id = _render_id(result.call_id)
    return {"functionResponse": {**told_id, "name": names[result.call_id], "response": response}}


def _render_id(call_id: str) -> dict[str, Json]:
    return {} if is_made(call_id) else {"id": call_id}


def _read_object(text: str) -> JsonObject | None:
    try:
        value: Json = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


# -- media --------------------------------------------------------------------------------------
def _render_medium(part: Image | Audio | Video | Document, at: str) -> JsonObject:
    name = part.filename if isinstance(part, Document) else None
    match part.at:
        case Inline():
            kind = _media_type(part.at, name, at)
            return {"inlineData": {"mimeType": kind, "data": part.at.data}}
        case Url():
            guess = _guess(urlsplit(part.at.url).path)
            told = {"mimeType": guess} if guess else {}
            return {"fileData": {"fileUri": part.at.url, **told}}
        case Stored():
            raise Unrepresentable(at, "this model cannot be told of a stored file")
        case _:
            assert_never(part.at)


def _media_type(location: Inline, filename: str | None, at: str) -> str:
    """Senders of files often do not say what they are."""
    if location.media_type not in _UNKNOWN:
        return location.media_type
    if location.data.startswith(_PDF_START):
        return _PDF
    if kind := _guess(filename or ""):
        return kind
    raise Unrepresentable(at, "this model needs to be told what kind of file that is")


def _guess(name: str) -> str | None:
    return mimetypes.guess_type(name)[0]
