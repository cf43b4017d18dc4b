"""Which tool to call, if any: the nearest. Its arguments are values found in the dialogue."""

import json
from collections.abc import Sequence

from providers.builtin import dialogue
from providers.builtin.answers import call_id
from providers.builtin.engine.extract import fill
from providers.builtin.engine.fields import words_of
from providers.builtin.engine.sense import Sense
from providers.builtin.engine.study import Study
from providers.builtin.engine.transcript import read_transcript
from vocabulary.chat import ChatRequest, FunctionTool, NamedTool, ToolCall
from vocabulary.errors import InvalidRequest
from vocabulary.json import JsonObject

NO_PARAMETERS: JsonObject = {"type": "object", "properties": {}}


def call_tool(request: ChatRequest, sense: Sense) -> ToolCall | None:
    """The call that the request asks for or suggests; None where words are the better answer."""
    offered = dialogue.functions(request)
    if not offered or request.tool_choice == "none" or dialogue.tool_results(request):
        return None
    tool = named_tool(request) or _nearest(request, offered, sense)
    if tool is None:
        return None
    study = Study(read_transcript(dialogue.lines(request)), sense, dialogue.last_words(request))
    found = fill(study, tool.parameters or NO_PARAMETERS, tool.description or "")
    arguments = json.dumps(found.value, ensure_ascii=False)
    return ToolCall(id=call_id(request, tool.name), name=tool.name, arguments=arguments)


def named_tool(request: ChatRequest) -> FunctionTool | None:
    """The tool that the caller wants called; None where the choice is left open."""
    choice = request.tool_choice
    if not isinstance(choice, NamedTool):
        return None
    named = (tool for tool in dialogue.functions(request) if tool.name == choice.name)
    if (tool := next(named, None)) is None:
        raise InvalidRequest("tool_choice", f"there is no tool '{choice.name}'")
    return tool


def _nearest(
    request: ChatRequest, offered: Sequence[FunctionTool], sense: Sense
) -> FunctionTool | None:
    """The tool whose description is nearest to the last words, if it is near or one must be."""
    described = [f"{words_of(tool.name)}. {tool.description or ''}" for tool in offered]
    cosines = sense.closeness([dialogue.last_words(request)], described)[0]
    best = int(cosines.argmax())
    is_near = float(cosines[best]) >= sense.thresholds.calls
    return offered[best] if is_near or request.tool_choice == "required" else None
