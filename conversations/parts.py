"""Parts of a message as JSON and back, nothing lost: `load(dump(part)) == part`.

The `type` names here are data in every stored message; renaming one is a migration.
"""

from collections.abc import Callable, Mapping
from typing import Any, assert_never

from vocabulary.chat import (
    Audio,
    Document,
    Image,
    Inline,
    Location,
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
from vocabulary.json import Json, JsonObject

type Spelled = dict[str, Json]


def dump(part: Part) -> Spelled:
    """Spell a part as a flat object; what is None is left out."""
    match part:
        case Text():
            return {"type": "text", "text": part.text}
        case Image():
            return _without_none(type="image", **_dump_location(part.at), detail=part.detail)
        case Audio():
            return _without_none(type="audio", **_dump_location(part.at), format=part.format)
        case Video():
            return {"type": "video", **_dump_location(part.at)}
        case Document():
            place = _dump_location(part.at)
            return _without_none(type="document", **place, filename=part.filename)
        case ToolCall():
            call = {"id": part.id, "name": part.name, "arguments": part.arguments}
            return {"type": "tool_call", **call}
        case ToolResult():
            return {"type": "tool_result", "call_id": part.call_id, "text": part.text}
        case Reasoning():
            return _without_none(type="reasoning", text=part.text, signature=part.signature)
        case Refusal():
            return {"type": "refusal", "text": part.text}
        case _:
            assert_never(part)


def load(spelled: JsonObject) -> Part:
    """Read what `dump` wrote. Anything else raises `KeyError` or `TypeError`."""
    fields: dict[str, Any] = dict(spelled)
    return _LOADERS[fields.pop("type")](fields)


def _without_none(**fields: Json) -> Spelled:
    return {name: value for name, value in fields.items() if value is not None}


def _dump_location(at: Location) -> dict[str, str]:
    match at:
        case Url():
            return {"url": at.url}
        case Inline():
            return {"data": at.data, "media_type": at.media_type}
        case Stored():
            return {"file_id": at.file_id}
        case _:
            assert_never(at)


def _take_location(fields: dict[str, Any]) -> Location:
    if "url" in fields:
        return Url(url=fields.pop("url"))
    if "file_id" in fields:
        return Stored(file_id=fields.pop("file_id"))
    return Inline(data=fields.pop("data"), media_type=fields.pop("media_type"))


def _medium[P: Part](kind: Callable[..., P]) -> Callable[[dict[str, Any]], P]:
    return lambda fields: kind(at=_take_location(fields), **fields)


def _words[P: Part](kind: Callable[..., P]) -> Callable[[dict[str, Any]], P]:
    return lambda fields: kind(**fields)


_LOADERS: Mapping[str, Callable[[dict[str, Any]], Part]] = {
    "text": _words(Text),
    "image": _medium(Image),
    "audio": _medium(Audio),
    "video": _medium(Video),
    "document": _medium(Document),
    "tool_call": _words(ToolCall),
    "tool_result": _words(ToolResult),
    "reasoning": _words(Reasoning),
    "refusal": _words(Refusal),
}
