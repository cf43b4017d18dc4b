"""Tuning knobs, tools and the shape of the answer for the Generative Language API.

How much work is to go into an answer, models before Gemini 3 are told as a budget of tokens and
later ones as a level; others are not told.
"""

import re
from collections.abc import Sequence
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

KEPT: Final = ("mediaResolution", "responseModalities", "thinkingConfig", "topK")
JSON: Final = "application/json"
# https://ai.google.dev/gemini-api/docs/openai#thinking
_BUDGETS: Final = {"minimal": 1024, "low": 1024, "medium": 8192, "high": 24576}
_WITH_BUDGETS: Final = re.compile(r"gemini-2\.5-(pro|flash)")
_WITH_LEVELS: Final = re.compile(r"gemini-([3-9]|\d\d)")
_MODES: Final = {"auto": "AUTO", "none": "NONE", "required": "ANY"}


# -- knobs --------------------------------------------------------------------------------------
def render_config(request: ChatRequest, model: str, own: JsonObject) -> dict[str, Json]:
    """`own` are this vendor's own fields."""
    sampling = request.sampling
    config = _render_sampling(sampling)
    if request.stop:
        config["stopSequences"] = list(request.stop)
    if request.output is not None:
        config |= _render_output(request.output)
    if (effort := sampling.reasoning_effort) is not None:
        config |= _render_effort(effort, model)
    return config | {key: own[key] for key in KEPT if key in own}


def takes_signatures(model: str) -> bool:
    """Whether the model insists on the signatures of its calls."""
    return _WITH_LEVELS.search(model) is not None


def _render_sampling(sampling: Sampling) -> dict[str, Json]:
    given: dict[str, Json] = {
        "temperature": sampling.temperature,
        "topP": sampling.top_p,
        "maxOutputTokens": sampling.max_tokens,
        "candidateCount": sampling.n if sampling.n > 1 else None,
        "seed": sampling.seed,
        "presencePenalty": sampling.presence_penalty,
        "frequencyPenalty": sampling.frequency_penalty,
        "responseLogprobs": sampling.logprobs or None,
        "logprobs": sampling.top_logprobs if sampling.logprobs else None,
    }
    return {key: value for key, value in given.items() if value is not None}


def _render_effort(effort: str, model: str) -> dict[str, Json]:
    if _WITH_BUDGETS.search(model) and effort in _BUDGETS:
        return {"thinkingConfig": {"thinkingBudget": _BUDGETS[effort]}}
    if _WITH_LEVELS.search(model) and effort in _BUDGETS:
        return {"thinkingConfig": {"thinkingLevel": effort}}
    return {}


# -- the shape of the answer --------------------------------------------------------------------
def _render_output(output: Output) -> dict[str, Json]:
    match output:
        case AnyJson():
            return {"responseMimeType": JSON}
        case SchemaJson():
            return {"responseMimeType": JSON, "responseJsonSchema": output.schema}
        case OneOf() | Matching():
            raise Unrepresentable("response_format", "this model writes only JSON in a shape")
        case _:
            assert_never(output)


# -- tools --------------------------------------------------------------------------------------
def render_tools(tools: Sequence[Tool]) -> list[JsonObject]:
    """All functions together are one tool there."""
    declared = [_render_function(tool, f"tools[{i}]") for i, tool in enumerate(tools)]
    return [{"functionDeclarations": declared}]


def _render_function(tool: Tool, at: str) -> JsonObject:
    match tool:
        case FunctionTool():
            body: dict[str, Json] = {"name": tool.name}
            if tool.description:
                body["description"] = tool.description
            if tool.parameters:
                body["parametersJsonSchema"] = tool.parameters
            return body
        case ServerTool():
            raise Unrepresentable(at, f"no upstream can run the tool {tool.name!r}")
        case _:
            assert_never(tool)


def render_tool_choice(choice: ToolChoice) -> JsonObject:
    if isinstance(choice, NamedTool):
        calling: dict[str, Json] = {"mode": "ANY", "allowedFunctionNames": [choice.name]}
    else:
        calling = {"mode": _MODES[choice]}
    return {"functionCallingConfig": calling}
