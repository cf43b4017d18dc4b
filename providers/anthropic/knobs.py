"""Tools, the choice among them, the shape of the answer and tuning knobs for the Messages API.

Claude 4.7 and all models after it refuse sampling knobs and take an effort instead; some before it
refuse `top_p` beside `temperature`. Both are told by the model's name: a Claude that we do not
know is taken for a new one, and what is no Claude for a server of its own that takes knobs.
"""

import re
from typing import Final, assert_never

from vocabulary.chat import (
    AnyJson,
    ChatRequest,
    FunctionTool,
    Matching,
    NamedTool,
    OneOf,
    Output,
    Sampling,
    SchemaJson,
    ServerTool,
    Tool,
    ToolChoice,
)
from vocabulary.errors import Unrepresentable
from vocabulary.json import Json, JsonObject

JSON_ALONE: Final = "Answer with one JSON object alone, no other words and no code fence."
_EFFORTS: Final = frozenset({"low", "medium", "high", "xhigh", "max"})
_OLDER: Final = re.compile(
    r"claude-(instant|[123]|(opus|sonnet|haiku)-4(-[0-6])?([-@]\d{8}|-latest)?(-v\d.*)?$)"
)


# -- knobs --------------------------------------------------------------------------------------
def render_knobs(sampling: Sampling, model: str) -> dict[str, Json]:
    if _is_newer(model):
        return {}
    if sampling.temperature is not None:
        return {"temperature": min(sampling.temperature, 1.0)}
    return {} if sampling.top_p is None else {"top_p": sampling.top_p}


def render_output_config(request: ChatRequest, model: str) -> dict[str, Json]:
    """How the answer is to look, and how much work is to go into it."""
    config: dict[str, Json] = {}
    effort = request.sampling.reasoning_effort
    if effort in _EFFORTS and _is_newer(model):
        config["effort"] = effort
    if request.output is not None and (shape := _render_shape(request.output)):
        config["format"] = shape
    return {"output_config": config} if config else {}


def _is_newer(model: str) -> bool:
    return "claude" in model and not _OLDER.search(model)


def _render_shape(output: Output) -> JsonObject | None:
    """Some JSON is asked for in words, by `turns.render_system`."""
    match output:
        case AnyJson():
            return None
        case SchemaJson():
            return {"type": "json_schema", "schema": close(output.schema)}
        case OneOf() | Matching():
            raise Unrepresentable("response_format", "this model writes only JSON in a shape")
        case _:
            assert_never(output)


def close(schema: JsonObject) -> JsonObject:
    """The schema with its objects closed to other properties than those it names, as is insisted on
    there. Whatever fits it fits the open one too."""
    closed = {key: _close_below(key, value) for key, value in schema.items()}
    if schema.get("properties"):
        closed.setdefault("additionalProperties", False)
    return closed


def _close_below(key: str, value: Json) -> Json:
    """Not below `allOf`: what is closed to each other fits nothing."""
    if key in ("properties", "$defs", "definitions") and isinstance(value, dict):
        return {name: _close_one(schema) for name, schema in value.items()}
    if key in ("anyOf", "oneOf", "prefixItems") and isinstance(value, list):
        return [_close_one(schema) for schema in value]
    return _close_one(value) if key == "items" else value


def _close_one(schema: Json) -> Json:
    return close(schema) if isinstance(schema, dict) else schema


# -- tools --------------------------------------------------------------------------------------
def render_tools(request: ChatRequest, *, strict: bool) -> list[JsonObject]:
    """`strict` says whether the model can keep to schemas strictly at all. Calls that stand in the
    messages must be of tools that are told, even where none is offered any longer."""
    if request.tools:
        return [_render_tool(tool, f"tools[{i}]", strict) for i, tool in enumerate(request.tools)]
    called = {call.name: None for message in request.messages for call in message.tool_calls}
    return [{"name": name, "input_schema": {"type": "object"}} for name in called]


def _render_tool(tool: Tool, at: str, strict: bool) -> JsonObject:
    match tool:
        case FunctionTool():
            body: dict[str, Json] = {"name": tool.name}
            if tool.description:
                body["description"] = tool.description
            if strict and tool.strict:
                body["strict"] = True
            return body | {"input_schema": {"type": "object"} | dict(tool.parameters or {})}
        case ServerTool():
            raise Unrepresentable(at, f"no upstream can run the tool {tool.name!r}")
        case _:
            assert_never(tool)


def render_tool_choice(request: ChatRequest) -> JsonObject | None:
    """None for the choice that is the usual one."""
    if not request.tools:
        return {"type": "none"}
    one_by_one = request.sampling.parallel_tool_calls is False
    if request.tool_choice is None and not one_by_one:
        return None
    choice = _render_choice(request.tool_choice or "auto")
    may_call = choice["type"] != "none"
    return choice | ({"disable_parallel_tool_use": True} if one_by_one and may_call else {})


def _render_choice(choice: ToolChoice) -> dict[str, Json]:
    match choice:
        case NamedTool():
            return {"type": "tool", "name": choice.name}
        case "required":
            return {"type": "any"}
        case "auto" | "none":
            return {"type": choice}
        case _:
            assert_never(choice)
