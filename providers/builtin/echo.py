"""`builtin/echo`: says the last words again, in the form asked for. For tests and wiring."""

import json
from typing import assert_never

from common.schemas import faults
from providers.builtin import dialogue
from providers.builtin.answers import Said, call_id
from providers.builtin.engine.repair import smallest_value
from providers.builtin.engine.samples import first_match, sample
from providers.builtin.tools import NO_PARAMETERS, named_tool
from vocabulary.chat import (
    AnyJson,
    ChatRequest,
    FunctionTool,
    Matching,
    OneOf,
    Output,
    SchemaJson,
    Text,
    ToolCall,
)
from vocabulary.errors import UpstreamRefused
from vocabulary.json import Json, JsonObject


def echo(request: ChatRequest) -> Said:
    """The last words. A tool that must be called gets them as its arguments, if they fit."""
    text = dialogue.last_words(request)
    tool = _forced_tool(request)
    if tool is not None:
        arguments = _fitted(text, tool.parameters or NO_PARAMETERS)
        return ToolCall(id=call_id(request, tool.name), name=tool.name, arguments=arguments)
    return Text(text=text if request.output is None else _shaped(text, request.output))


def _forced_tool(request: ChatRequest) -> FunctionTool | None:
    """A named tool, or the first where one is required. Results end the loop."""
    if dialogue.tool_results(request):
        return None
    offered = dialogue.functions(request) if request.tool_choice == "required" else []
    return named_tool(request) or next(iter(offered), None)


def _shaped(text: str, output: Output) -> str:
    match output:
        case SchemaJson():
            return _fitted(text, output.schema)
        case AnyJson():
            return text if isinstance(_read(text), dict) else json.dumps({"echo": text})
        case OneOf():
            said = (choice for choice in output.choices if choice in text)
            return next(said, output.choices[0])
        case Matching():
            match = first_match(output.pattern, text) or sample(output.pattern)
            if match is None:
                raise UpstreamRefused(f"builtin/echo found no text for {output.pattern}")
            return match
        case _:
            assert_never(output)


def _fitted(text: str, schema: JsonObject) -> str:
    """The text if it is JSON that the schema accepts, else the smallest value that is."""
    value = _read(text)
    fits = value is not None and not faults(value, schema)
    return json.dumps(value if fits else smallest_value(schema), ensure_ascii=False)


def _read(text: str) -> Json:
    try:
        value: Json = json.loads(text)
    except ValueError:
        return None
    return value
