"""Tools that we run: the model calls them, hears what they say, and the caller sees one answer."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from typing import Any, ClassVar

import pytest

from common.db import in_thread
from inference.origin import Origin
from inference.services import complete, stream
from inference.tools import MOST_ROUNDS, MOST_TOOLS
from organisations.actor import Actor
from providers.models import CatalogueModel
from providers.protocols import Target
from tests.inference.test_services import entry
from vocabulary.chat import (
    ChatEvent,
    ChatRequest,
    ChatResponse,
    Choice,
    FunctionTool,
    Message,
    NamedTool,
    Part,
    PartStarted,
    Sampling,
    ServerTool,
    Text,
    ToolCall,
    ToolResult,
    Usage,
)
from vocabulary.errors import InvalidRequest, UpstreamUnavailable
from vocabulary.json import JsonObject
from vocabulary.streams import explode, fold

ORIGIN = Origin(surface="test", request_id="req-1")
LOOKUP = ServerTool(name="lookup", options={"in": "here"})
WEATHER = FunctionTool(name="weather")


class Lookup:
    """Says back what it was called with."""

    calls: ClassVar[list[str]] = []

    def __init__(self, actor: Actor, options: JsonObject, *, at: str, origin: Origin) -> None:
        self.at = at
        self.options = options

    async def check(self) -> None:
        if "in" not in self.options:
            raise InvalidRequest(f"{self.at}.in", "is required")

    def offer(self, name: str) -> FunctionTool:
        return FunctionTool(name=name, description="look it up")

    async def call(self, arguments: str) -> str:
        self.calls.append(arguments)
        return f"found by {arguments}"

    async def find(self, question: str) -> str:
        return f"found for {question}"


class Talker:
    """Answers with one script's message after the other, each of 10 and 5 tokens."""

    script: ClassVar[list[tuple[Part, ...] | Exception]] = []
    asked: ClassVar[list[ChatRequest]] = []
    usage: ClassVar[Usage | None] = Usage(prompt_tokens=10, completion_tokens=5)

    async def complete(self, request: ChatRequest, target: Target) -> ChatResponse:
        self.asked.append(request)
        parts = self.script[min(len(self.asked), len(self.script)) - 1]
        if isinstance(parts, Exception):
            raise parts
        calls = any(isinstance(part, ToolCall) for part in parts)
        message = Message(role="assistant", parts=parts)
        choice = Choice(message=message, finish="tool_calls" if calls else "stop")
        return ChatResponse(
            id="answer-1", model="m", created=1, choices=(choice,), usage=self.usage, served_by="up"
        )

    async def stream(self, request: ChatRequest, target: Target) -> AsyncIterator[ChatEvent]:
        for event in explode(await self.complete(request, target)):
            yield event


@pytest.fixture
def talker(actor: Actor, settings: Any) -> Iterator[type[Talker]]:
    settings.PROVIDERS = {"scripted": f"{__name__}.Talker"}
    settings.SERVER_TOOLS = {"lookup": f"{__name__}.Lookup"}
    Talker.asked, Talker.script, Lookup.calls = [], [], []
    Talker.usage = Usage(prompt_tokens=10, completion_tokens=5)
    yield Talker


def ask(*tools: Any, **more: Any) -> ChatRequest:
    question = Message(role="user", parts=(Text(text="When?"),))
    return ChatRequest(model="up/m", messages=(question,), tools=tools, **more)


def says(text: str) -> Text:
    return Text(text=text)


def calls(name: str = "lookup", arguments: str = '{"query": "x"}', id: str = "c1") -> ToolCall:
    return ToolCall(id=id, name=name, arguments=arguments)


async def both(actor: Actor, talker: type[Talker], request: ChatRequest) -> ChatResponse:
    """The answer, which is the same streamed and whole."""
    whole = await complete(actor, request, ORIGIN)
    asked = talker.asked.copy()
    talker.asked.clear()
    events = [event async for event in stream(actor, request, ORIGIN)]
    assert fold(events) == whole
    assert talker.asked == asked
    return whole


# -- a model that searches ----------------------------------------------------------------------
async def test_what_the_tool_says_is_told_to_the_model_and_the_answer_to_the_caller(
    actor: Actor, talker: type[Talker]
):
    talker.script = [(calls(),), (says("At noon."),)]
    answer = await both(actor, talker, ask(LOOKUP))
    assert answer.choices[0].message.parts == (says("At noon."),)
    assert answer.choices[0].finish == "stop"
    first, second = talker.asked
    assert [tool.name for tool in first.tools] == ["lookup"]
    assert second.messages[1].parts == (calls(),)
    assert second.messages[2].parts == (ToolResult(call_id="c1", text='found by {"query": "x"}'),)


async def test_all_rounds_are_paid_for_in_one_entry(actor: Actor, talker: type[Talker]):
    talker.script = [(calls(),), (calls(),), (says("At noon."),)]
    answer = await complete(actor, ask(LOOKUP), ORIGIN)
    assert answer.usage == Usage(prompt_tokens=30, completion_tokens=15)
    only = await entry(actor)
    assert (only.prompt_tokens, only.completion_tokens, only.outcome) == (30, 15, "ok")


async def test_rounds_whose_usage_nobody_told_are_estimated(actor: Actor, talker: type[Talker]):
    talker.usage = None
    talker.script = [(calls(),), (says("At noon."),)]
    answer = await complete(actor, ask(LOOKUP), ORIGIN)
    assert answer.usage is not None and answer.usage.estimated
    assert answer.usage.prompt_tokens > 10


async def test_words_before_a_search_are_part_of_the_answer(actor: Actor, talker: type[Talker]):
    talker.script = [(says("Let me see."), calls()), (says("At noon."),)]
    answer = await both(actor, talker, ask(LOOKUP))
    assert answer.text == "Let me see.\n\nAt noon."


async def test_calls_of_the_callers_tools_go_back_to_the_caller(actor: Actor, talker: type[Talker]):
    talker.script = [(calls(),), (calls("weather"),)]
    answer = await both(actor, talker, ask(WEATHER, LOOKUP))
    assert answer.choices[0].message.tool_calls == (calls("weather"),)
    assert answer.choices[0].finish == "tool_calls"


async def test_of_a_mixed_answer_the_caller_gets_its_own_calls_and_ours_are_not_run(
    actor: Actor, talker: type[Talker]
):
    talker.script = [(calls(), calls("weather", id="c2"))]
    answer = await both(actor, talker, ask(WEATHER, LOOKUP))
    assert answer.choices[0].message.parts == (calls("weather", id="c2"),)
    assert Lookup.calls == []


async def test_a_model_that_never_stops_searching_must_answer_in_the_end(
    actor: Actor, talker: type[Talker]
):
    talker.script = [(calls(),)]
    answer = await both(actor, talker, ask(LOOKUP))
    assert len(talker.asked) == MOST_ROUNDS + 1
    assert talker.asked[-1].tools == ()
    assert answer.choices[0].message.parts == ()
    assert answer.choices[0].finish == "stop"


@pytest.mark.parametrize("choice", ["required", NamedTool(name="lookup")])
async def test_a_tool_that_had_to_be_called_need_not_be_called_again(
    actor: Actor, talker: type[Talker], choice: Any
):
    talker.script = [(calls(),), (says("At noon."),)]
    await complete(actor, ask(LOOKUP, tool_choice=choice), ORIGIN)
    assert [request.tool_choice for request in talker.asked] == [choice, "auto"]


async def test_a_name_that_the_caller_uses_is_not_taken(actor: Actor, talker: type[Talker]):
    talker.script = [(calls("lookup_2"),), (calls("lookup"),)]
    request = ask(FunctionTool(name="lookup"), LOOKUP, LOOKUP)
    answer = await complete(actor, request, ORIGIN)
    assert [tool.name for tool in talker.asked[0].tools] == ["lookup", "lookup_2", "lookup_3"]
    assert answer.choices[0].message.tool_calls == (calls("lookup"),)


async def test_what_came_before_a_failure_is_counted(actor: Actor, talker: type[Talker]):
    talker.script = [(calls(),), UpstreamUnavailable("gone")]
    with pytest.raises(UpstreamUnavailable):
        await complete(actor, ask(LOOKUP), ORIGIN)
    assert (await entry(actor)).prompt_tokens == 10


async def test_what_came_before_a_hang_up_is_counted(actor: Actor, talker: type[Talker]):
    talker.script = [(calls(),), (says("At noon."),)]
    async with aclosing(stream(actor, ask(LOOKUP), ORIGIN)) as events:
        async for event in events:
            if isinstance(event, PartStarted):
                break
    only = await entry(actor)
    assert only.outcome == "hung_up" and only.prompt_tokens >= 10


# -- what is refused, before anybody is asked ---------------------------------------------------
@pytest.mark.parametrize(
    ("tools", "more", "path"),
    [
        ([WEATHER, ServerTool(name="lookup")], {}, "tools[1].lookup.in"),
        ([ServerTool(name="magic")], {}, "tools[0].magic"),
        ([LOOKUP], {"sampling": Sampling(n=2)}, "n"),
        ([LOOKUP] * (MOST_TOOLS + 1), {}, "tools"),
    ],
)
async def test_a_tool_that_cannot_be_run_is_refused(
    actor: Actor, talker: type[Talker], tools: Sequence[Any], more: Any, path: str
):
    with pytest.raises(InvalidRequest) as refusal:
        await complete(actor, ask(*tools, **more), ORIGIN)
    assert refusal.value.path == path
    assert talker.asked == []


# -- a model that does not search ---------------------------------------------------------------
async def test_what_is_found_stands_before_the_question(actor: Actor, talker: type[Talker]):
    await in_thread(CatalogueModel(pattern="up/m", calls_tools=False).save)
    talker.script = [(says("At noon."),)]
    await both(actor, talker, ask(WEATHER, LOOKUP))
    [request] = talker.asked
    assert [message.text for message in request.messages] == ["found for When?", "When?"]
    assert request.tools == (WEATHER,)
