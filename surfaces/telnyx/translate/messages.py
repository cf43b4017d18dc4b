"""Messages of a conversation, as they are added by hand and as they are listed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, get_args

from common import ids
from common.clock import rfc3339, rfc3339_or_none
from conversations.parts import load
from vocabulary.chat import Message, Part, Role, Text, ToolCall, ToolResult
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject, canonical
from wire import fields
from wire.openai_messages import render_call
from wire.openai_shapes import TOOL_CALL
from wire.shapes import ANYTHING, TEXT, TIME, UUID, array, mapping, nullable, record, word

if TYPE_CHECKING:
    from conversations.models import Message as Row

ROLES: Final[Mapping[str, Role]] = {role: role for role in get_args(Role.__value__)}
LISTED_ROLES: Final[tuple[Role, ...]] = ("user", "assistant", "tool")

MESSAGE: Final = record(
    "Message",
    {
        "id": UUID,
        "role": word(*LISTED_ROLES),
        "text": TEXT,
        "name": nullable(TEXT),
        "created_at": TIME,
        "sent_at": nullable(TIME),
        "tool_calls": array(TOOL_CALL),
        "tool_call_id": nullable(TEXT),
        "metadata": mapping(ANYTHING),
        "status": word("complete", "incomplete"),
    },
)


# -- in -----------------------------------------------------------------------------------------
def parse_message(body: JsonObject) -> Message:
    """Raises InvalidRequest. Tool calls are taken from whoever is said to make them."""
    calls = fields.find_list(body, "tool_calls", "")
    role = _role(body)
    return Message(
        role=role,
        parts=(
            *_content(body, role),
            *(_tool_call(call, f"tool_calls[{i}]") for i, call in enumerate(calls)),
        ),
        name=fields.find_text(body, "name", "") or None,
    )


def parse_metadata(metadata: JsonObject) -> JsonObject:
    """Strings, whole numbers, booleans and lists of them; a strict client reads nothing else."""
    for name, value in metadata.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str | int) for item in values):
            raise InvalidRequest(
                f"metadata.{name}", "must be a string, a whole number, a boolean or a list of them"
            )
    return metadata


def parse_tool_choice(choice: Json) -> Json:
    if choice is None or isinstance(choice, str | Mapping):
        return choice
    raise InvalidRequest("tool_choice", "must be a string or an object")


def _role(body: JsonObject) -> Role:
    role = ROLES.get(fields.get_text(body, "role", ""))
    if role is None:
        raise InvalidRequest("role", f"must be one of {', '.join(ROLES)}")
    return role


def _content(body: JsonObject, role: Role) -> tuple[Part, ...]:
    """A `tool_call_id` says something only on a tool's message."""
    text = fields.find_text(body, "content", "") or ""
    if role == "tool":
        return (ToolResult(call_id=fields.find_text(body, "tool_call_id", "") or "", text=text),)
    return (Text(text=text),) if text else ()


def _tool_call(value: Json, at: str) -> ToolCall:
    """OpenAI's shape. A missing id gets one, arguments sent as an object become their text."""
    call = fields.as_object(value, at)
    function, inside = fields.get_object(call, "function", at), f"{at}.function"
    arguments = function.get("arguments") or {}
    if isinstance(arguments, Mapping):
        arguments = canonical(arguments)
    return ToolCall(
        id=fields.find_text(call, "id", at) or ids.new("call"),
        name=fields.get_text(function, "name", inside),
        arguments=fields.as_text(arguments, f"{inside}.arguments"),
    )


# -- out ----------------------------------------------------------------------------------------
def render_message(message: "Row") -> JsonObject:
    """`id`, `name`, `tool_call_id` and `status` are ours."""
    parts = [load(part) for part in message.parts]
    results = [part.call_id for part in parts if isinstance(part, ToolResult)]
    return {
        "id": str(message.id),
        "role": message.role,
        "text": message.text,
        "name": message.name or None,
        "created_at": rfc3339(message.created_at),
        "sent_at": rfc3339_or_none(message.sent_at),
        "tool_calls": [render_call(part) for part in parts if isinstance(part, ToolCall)],
        "tool_call_id": results[0] if results else None,
        "metadata": {name: _render_value(value) for name, value in message.metadata.items()},
        "status": message.status,
    }


def _render_value(value: Json) -> Json:
    """Strict clients refuse fractions and objects here; those are given as text."""
    match value:
        case str() | bool() | int():
            return value
        case list() | tuple():
            return [_render_value(item) for item in value]
        case _:
            return canonical(value)
