"""The ladder to answers of a given shape, from the surest rung down to the one all models have.

1. `native`: the upstream is told the JSON Schema and keeps to it.
2. `tool`: the model is made to call a tool whose parameters are the schema.
3. `words`: the schema stands in the prompt.

An upstream that refuses a rung is asked on the next one. Whatever it promised, the answer is judged
here, and one repair is asked for. What is handed back reads as if the model had answered plainly.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Literal, assert_never

from common.schemas import Fault
from inference.shapes import Shape, shape_of
from providers.protocols import ChatProvider, Facts, Target
from vocabulary.chat import (
    AnyJson,
    ChatEvent,
    ChatRequest,
    ChatResponse,
    Choice,
    FunctionTool,
    Matching,
    Message,
    NamedTool,
    OneOf,
    Reasoning,
    Refusal,
    SchemaJson,
    Text,
)
from vocabulary.errors import UpstreamRefused, UpstreamUnavailable
from vocabulary.streams import explode

type Rung = Literal["native", "tool", "words"]

TOOL = "answer"
# What upstreams answer to a request that asks for what they do not know.
REFUSALS = frozenset({400, 404, 415, 422, 501})


class MissedShape(UpstreamUnavailable):
    """The model's answer does not have the shape that was asked for."""

    code = "answer_misshapen"

    def __init__(self, response: ChatResponse, faults: tuple[Fault, ...]) -> None:
        """`response` is the last answer, with what all of them used."""
        first = f"{faults[0].path or 'the answer'} {faults[0].message}"
        super().__init__(f"{self.__doc__} {first}", provider=response.served_by)
        self.response = response
        self.faults = faults


async def complete(provider: ChatProvider, request: ChatRequest, target: Target) -> ChatResponse:
    """The answer in the shape that `request.output` asks for, with the usage of all calls made.

    Raises InvalidRequest for a shape that cannot be judged, MissedShape, or what `provider` raises.
    """
    if request.output is None:
        return await provider.complete(request, target)
    shape = shape_of(request.output)
    shape.check()
    first = await _ask(provider, request, target, shape)
    answer, faults = _judge(first, request, shape)
    if not faults:
        return answer
    repair = _in_words(_with_complaint(request, answer, faults), shape)
    second = _with_usage_of(first, await provider.complete(repair, target))
    answer, faults = _judge(second, request, shape)
    if faults:
        raise MissedShape(answer, faults)
    return answer


async def stream(
    provider: ChatProvider, request: ChatRequest, target: Target
) -> AsyncIterator[ChatEvent]:
    """As `complete`, in events. Only what an upstream writes in shape itself arrives bit by bit,
    and is not judged; anything else must be whole before the first word of it may be shown."""
    begun = False
    if _is_written_in_shape(request, target.facts):
        try:
            async for event in provider.stream(request, target):
                begun = True
                yield event
            return
        except UpstreamRefused as refusal:
            if begun or request.output is None or refusal.status not in REFUSALS:
                raise
    for event in explode(await complete(provider, request, target)):
        yield event


def _is_written_in_shape(request: ChatRequest, facts: Facts) -> bool:
    match request.output:
        case None:
            return True
        case SchemaJson() | AnyJson() as output:
            shape_of(output).check()
            return facts.writes_schema or isinstance(output, AnyJson)
    return False


# -- asking -------------------------------------------------------------------------------------
def find_rungs(request: ChatRequest, shape: Shape, facts: Facts) -> tuple[Rung, ...]:
    """The rungs to try. A caller's own tools leave no room for ours, and its parameters are an
    object everywhere."""
    rungs: list[Rung] = []
    guided = _is_guided(request, facts)
    if facts.writes_schema or guided or isinstance(request.output, AnyJson):
        rungs.append("native")
    if facts.calls_tools and not request.tools and shape.schema.get("type") == "object":
        rungs.append("tool")
    return (*rungs, "words")


def _is_guided(request: ChatRequest, facts: Facts) -> bool:
    """Whether the upstream keeps to this bare text itself."""
    return facts.guides and isinstance(request.output, OneOf | Matching)


async def _ask(
    provider: ChatProvider, request: ChatRequest, target: Target, shape: Shape
) -> ChatResponse:
    *upper, last = find_rungs(request, shape, target.facts)
    for rung in upper:
        try:
            return await provider.complete(_on_rung(rung, request, shape, target.facts), target)
        except UpstreamRefused as refusal:
            if refusal.status not in REFUSALS:
                raise
    return await provider.complete(_on_rung(last, request, shape, target.facts), target)


def _on_rung(rung: Rung, request: ChatRequest, shape: Shape, facts: Facts) -> ChatRequest:
    match rung:
        case "native":
            return request if _is_guided(request, facts) else replace(request, output=shape.native)
        case "tool":
            return _as_tool(request, shape)
        case "words":
            return _in_words(request, shape)
        case _:
            assert_never(rung)


def _as_tool(request: ChatRequest, shape: Shape) -> ChatRequest:
    tool = FunctionTool(name=TOOL, description="Give the answer.", parameters=shape.schema)
    return replace(request, tools=(tool,), tool_choice=NamedTool(name=TOOL), output=None)


def _in_words(request: ChatRequest, shape: Shape) -> ChatRequest:
    """The rule comes last, where models heed it most, and outside all earlier messages."""
    schema = json.dumps(shape.schema, ensure_ascii=False)
    rule = f"Answer with JSON alone, no other words, that this JSON Schema accepts:\n{schema}"
    return replace(request, output=None, messages=(*request.messages, _say("system", rule)))


def _with_complaint(
    request: ChatRequest, answer: ChatResponse, faults: tuple[Fault, ...]
) -> ChatRequest:
    told = "\n".join(f"- {fault.path or 'answer'}: {fault.message}" for fault in faults)
    complaint = f"Your answer does not have the required form:\n{told}\nAnswer again."
    said = (_say("assistant", answer.text or "(nothing)"), _say("user", complaint))
    return replace(request, messages=(*request.messages, *said))


def _say(role: Literal["system", "assistant", "user"], text: str) -> Message:
    return Message(role=role, parts=(Text(text=text),))


# -- judging ------------------------------------------------------------------------------------
def _judge(
    response: ChatResponse, request: ChatRequest, shape: Shape
) -> tuple[ChatResponse, tuple[Fault, ...]]:
    """The answer as the caller gets it, and what is wrong with it."""
    tool = None if request.tools else TOOL
    judged = [_judge_choice(choice, tool, shape) for choice in response.choices]
    answer = replace(response, choices=tuple(choice for choice, _ in judged))
    return answer, tuple(fault for _, faults in judged for fault in faults)


def _judge_choice(
    choice: Choice, tool: str | None, shape: Shape
) -> tuple[Choice, tuple[Fault, ...]]:
    """A model that was cut off, refused, or called the caller's tool has no shape to keep."""
    parts = choice.message.parts
    ours = [call.arguments for call in choice.message.tool_calls if call.name == tool]
    if not ours and (choice.finish != "stop" or any(isinstance(p, Refusal) for p in parts)):
        return choice, ()
    verdict = shape.judge(ours[0] if ours else choice.message.text)
    thoughts = (part for part in parts if isinstance(part, Reasoning))
    message = replace(choice.message, parts=(*thoughts, Text(text=verdict.text)))
    return replace(choice, message=message, finish="stop"), verdict.faults


def _with_usage_of(first: ChatResponse, second: ChatResponse) -> ChatResponse:
    """The second answer, with what both used."""
    if first.usage is None or second.usage is None:
        return replace(second, usage=second.usage or first.usage)
    return replace(second, usage=first.usage + second.usage)
