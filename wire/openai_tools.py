"""Tools, the choice among them and the shape of the answer in the OpenAI chat format.

Custom tools (free text or grammar) and lists of allowed tools have no neutral meaning here and are
refused. `OneOf` and `Matching` are written as the JSON Schema of a string: a server that follows it
answers with a JSON string.
"""

from collections.abc import Collection, Sequence
from typing import assert_never

from vocabulary.chat import (
    AnyJson,
    FunctionTool,
    Matching,
    NamedTool,
    OneOf,
    Output,
    SchemaJson,
    ServerTool,
    Tool,
    ToolChoice,
)
from vocabulary.errors import InvalidRequest, Unrepresentable
from vocabulary.json import Json, JsonObject
from wire.fields import (
    as_object,
    find_flag,
    find_object,
    find_text,
    get_object,
    get_text,
    place,
)

MAX_TOOLS = 128


# -- tools --------------------------------------------------------------------------------------
def parse_tools(values: Sequence[Json], at: str, server_tools: Collection[str]) -> tuple[Tool, ...]:
    if len(values) > MAX_TOOLS:
        raise InvalidRequest(at, f"must hold at most {MAX_TOOLS} tools")
    return tuple([_parse_tool(v, f"{at}[{i}]", server_tools) for i, v in enumerate(values)])


def render_tool(tool: Tool, at: str) -> JsonObject:
    match tool:
        case FunctionTool():
            given = {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
                "strict": tool.strict,
            }
            return {"type": "function", "function": _without_none(given)}
        case ServerTool():
            raise Unrepresentable(at, f"no upstream can run the tool {tool.name!r}")
        case _:
            assert_never(tool)


def _parse_tool(value: Json, at: str, server_tools: Collection[str]) -> Tool:
    body = as_object(value, at)
    kind = get_text(body, "type", at)
    if kind == "function":
        return _parse_function(get_object(body, "function", at), place(at, "function"))
    if kind in server_tools:
        return ServerTool(name=kind, options=find_object(body, kind, at) or {})
    raise Unrepresentable(place(at, "type"), f"tools of type {kind!r} are not taken")


def _parse_function(body: JsonObject, at: str) -> FunctionTool:
    return FunctionTool(
        name=get_text(body, "name", at),
        description=find_text(body, "description", at),
        parameters=find_object(body, "parameters", at),
        strict=find_flag(body, "strict", at),
    )


# -- the choice among them ----------------------------------------------------------------------
def parse_tool_choice(value: Json, at: str) -> ToolChoice | None:
    match value:
        case None:
            return None
        case "none" | "auto" | "required":
            return value
        case str():
            raise InvalidRequest(at, f"must be none, auto, required or a tool, not {value!r}")
    body = as_object(value, at)
    kind = get_text(body, "type", at)
    if kind != "function":
        raise Unrepresentable(place(at, "type"), f"tool choices of type {kind!r} are not taken")
    function = get_object(body, "function", at)
    return NamedTool(name=get_text(function, "name", place(at, "function")))


def render_tool_choice(choice: ToolChoice) -> Json:
    if isinstance(choice, NamedTool):
        return {"type": "function", "function": {"name": choice.name}}
    return choice


# -- the shape of the answer --------------------------------------------------------------------
def parse_output(body: JsonObject | None, at: str) -> Output | None:
    """`response_format`; None stands for free text."""
    if body is None:
        return None
    match get_text(body, "type", at):
        case "text":
            return None
        case "json_object":
            return AnyJson()
        case "json_schema":
            return _parse_schema(get_object(body, "json_schema", at), place(at, "json_schema"))
        case unknown:
            raise InvalidRequest(place(at, "type"), f"unknown response format {unknown!r}")


def render_output(output: Output) -> JsonObject:
    match output:
        case AnyJson():
            return {"type": "json_object"}
        case SchemaJson():
            given = {
                "name": output.name,
                "schema": output.schema,
                "description": output.description,
                "strict": output.strict,
            }
            return {"type": "json_schema", "json_schema": _without_none(given)}
        case OneOf():
            return _render_text_schema({"type": "string", "enum": list(output.choices)})
        case Matching():
            return _render_text_schema({"type": "string", "pattern": output.pattern})
        case _:
            assert_never(output)


def _parse_schema(body: JsonObject, at: str) -> SchemaJson:
    return SchemaJson(
        name=get_text(body, "name", at),
        schema=find_object(body, "schema", at) or {},
        description=find_text(body, "description", at),
        strict=find_flag(body, "strict", at),
    )


def _render_text_schema(schema: JsonObject) -> JsonObject:
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}


def _without_none(fields: JsonObject) -> JsonObject:
    return {key: value for key, value in fields.items() if value is not None}
