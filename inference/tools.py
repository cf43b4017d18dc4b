"""Tools that we run ourselves (`ServerTool`): offered to the model, run when it calls them, and the
model asked again with what they say.

A model whose facts say that it `searches` calls the tool itself. Another gets what the tool finds
for the last question, as a message before it. `ToolUser` does either behind the face of the
provider, so what asks a provider need not know.

A model may call our tools and the caller's in one answer. Then the caller gets the calls of its own
tools, and ours are not run: their results could not be told to the model, for the caller would not
send them back. The model may call ours again once it has the caller's results.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, replace
from typing import Final, Protocol, cast

from common import plugboard
from inference.origin import Origin
from inference.rounds import Round
from organisations.actor import Actor
from providers.protocols import ChatProvider, Facts, Target
from vocabulary.chat import (
    ChatEvent,
    ChatRequest,
    ChatResponse,
    FunctionTool,
    Message,
    NamedTool,
    ServerTool,
    Text,
    Tool,
    ToolResult,
    Usage,
)
from vocabulary.errors import InvalidRequest
from vocabulary.json import JsonObject
from vocabulary.streams import explode, fold

MOST_ROUNDS: Final = 4
"""Times that a model may call our tools for one answer; then it must say what it knows."""
MOST_CALLS: Final = 8  # of one round
MOST_TOOLS: Final = 8
"""Of one request that we run: each may search wherever it was told to, for one small request."""


class RunTool(Protocol):
    """A tool as one request uses it. Whatever it does wrong with a call it tells the model."""

    async def check(self) -> None:
        """Raise `InvalidRequest` for options that name what is not there."""

    def offer(self, name: str) -> FunctionTool:
        """How it is told to the model, under this name."""

    async def call(self, arguments: str) -> str:
        """What the model is told; `arguments` is its own JSON, which may be malformed."""

    async def find(self, question: str) -> str:
        """What a model is told that does not call tools; empty for nothing."""


class MakeTool(Protocol):
    """What stands in the plugboard. `at` is the path of the options in the request; raises
    `InvalidRequest`."""

    def __call__(
        self, actor: Actor, options: JsonObject, *, at: str, origin: Origin
    ) -> RunTool: ...


async def with_tools(
    provider: ChatProvider,
    actor: Actor,
    request: ChatRequest,
    target: Target,
    *,
    origin: Origin,
    spend: Callable[[Usage], None],
) -> ChatProvider:
    """`provider`, with the tools of `request` that we run. Raises `InvalidRequest` for one that
    cannot be run as it is asked for."""
    asked = [(i, tool) for i, tool in enumerate(request.tools) if isinstance(tool, ServerTool)]
    if len(asked) > MOST_TOOLS:
        raise InvalidRequest("tools", f"may hold {MOST_TOOLS} tools that this server runs")
    tools = [_make(actor, tool, f"tools[{i}].{tool.name}", origin) for i, tool in asked]
    if not tools:
        return provider
    if _calls(target.facts) and request.sampling.n > 1:
        raise InvalidRequest("n", "must be 1 with a tool that this server runs")
    for tool in tools:
        await tool.check()
    return ToolUser(provider, tools, spend)


def _make(actor: Actor, tool: ServerTool, at: str, origin: Origin) -> RunTool:
    path = plugboard.row("SERVER_TOOLS", tool.name)
    if path is None:
        raise InvalidRequest(at, f"there is no tool '{tool.name}' here")
    make = cast("MakeTool", plugboard.load(path))
    return make(actor, tool.options, at=at, origin=origin)


def _closing(
    events: AsyncIterator[ChatEvent],
) -> AbstractAsyncContextManager[AsyncIterator[ChatEvent]]:
    """Leaving it hangs up on the upstream."""
    return aclosing(cast("AsyncGenerator[ChatEvent]", events))


def _calls(facts: Facts) -> bool:
    return facts.searches and facts.calls_tools


@dataclass(frozen=True, slots=True)
class ToolUser:
    """A provider around another one. `tools` are those of the request's `ServerTool`s, in their
    order; `spend` hears what the rounds of an unfinished answer have used, and nothing at its end.
    """

    inner: ChatProvider
    tools: Sequence[RunTool]
    spend: Callable[[Usage], None]

    async def complete(self, request: ChatRequest, target: Target) -> ChatResponse:
        """As the inner provider, with the usage of all rounds."""
        if not _calls(target.facts):
            return await self.inner.complete(await self._with_findings(request), target)
        dialogue = _Dialogue(request, self.tools)
        events: list[ChatEvent] = []
        while True:
            response = await self.inner.complete(dialogue.request, target)
            for event in explode(response):
                events += dialogue.round.hear(event)
            if not dialogue.must_go_on:
                break
            await self._go_on(dialogue)
        last = fold([*events, *dialogue.round.end()])
        self.spend(Usage())
        return replace(response, choices=last.choices, usage=last.usage)

    async def stream(self, request: ChatRequest, target: Target) -> AsyncIterator[ChatEvent]:
        """Words are told as they come; calls of our tools are not shown."""
        if not _calls(target.facts):
            request = await self._with_findings(request)
            async with _closing(self.inner.stream(request, target)) as events:
                async for event in events:
                    yield event
            return
        dialogue = _Dialogue(request, self.tools)
        while True:
            async with _closing(self.inner.stream(dialogue.request, target)) as events:
                async for event in events:
                    for shown in dialogue.round.hear(event):
                        yield shown
            if not dialogue.must_go_on:
                break
            await self._go_on(dialogue)
        self.spend(Usage())
        for event in dialogue.round.end():
            yield event

    async def _go_on(self, dialogue: "_Dialogue") -> None:
        self.spend(dialogue.round.usage)
        await dialogue.go_on()

    async def _with_findings(self, request: ChatRequest) -> ChatRequest:
        """What the tools find for the last question stands before it."""
        own = tuple(tool for tool in request.tools if isinstance(tool, FunctionTool))
        request = replace(request, tools=own)
        places = [i for i, message in enumerate(request.messages) if message.role == "user"]
        if not places:
            return request
        question = request.messages[places[-1]].text
        found = await asyncio.gather(*(tool.find(question) for tool in self.tools))
        told = tuple(Message(role="user", parts=(Text(text=text),)) for text in found if text)
        before, after = request.messages[: places[-1]], request.messages[places[-1] :]
        return replace(request, messages=(*before, *told, *after))


class _Dialogue:
    """The request as it grows from round to round, and the round that is under way."""

    def __init__(self, request: ChatRequest, tools: Sequence[RunTool]) -> None:
        self._tools: Mapping[str, RunTool] = dict(_named(request, tools))
        self._rounds = 0
        self.request = replace(request, tools=tuple(self._offers(request)))
        self.round = Round(self.request, self._tools.keys())

    @property
    def must_go_on(self) -> bool:
        """Once the round has been heard."""
        return bool(self.round.ours) and self._rounds < MOST_ROUNDS

    async def go_on(self) -> None:
        """Run what was called; the next round begins with the model hearing it."""
        self._rounds += 1
        called = self.round.ours[:MOST_CALLS]
        said = await asyncio.gather(
            *(self._tools[call.name].call(call.arguments) for call in called)
        )
        results = [
            Message(role="tool", parts=(ToolResult(call_id=call.id, text=text),))
            for call, text in zip(called, said, strict=True)
        ]
        told = (Message(role="assistant", parts=(*self.round.said, *called)), *results)
        request = replace(self.request, messages=(*self.request.messages, *told))
        self.request = _relaxed(request, self._tools)
        if self._rounds == MOST_ROUNDS:
            self.request = _without(self.request, self._tools)
        self.round = Round(self.request, self._tools.keys(), self.round)

    def _offers(self, request: ChatRequest) -> Iterator[Tool]:
        ours = iter(self._tools.items())
        for tool in request.tools:
            if isinstance(tool, ServerTool):
                name, run = next(ours)
                yield run.offer(name)
            else:
                yield tool


def _named(request: ChatRequest, tools: Sequence[RunTool]) -> Iterator[tuple[str, RunTool]]:
    """Each tool by its name, with a number where that is taken."""
    taken = {tool.name for tool in request.tools if isinstance(tool, FunctionTool)}
    kinds = (tool.name for tool in request.tools if isinstance(tool, ServerTool))
    for kind, tool in zip(kinds, tools, strict=True):
        free = (f"{kind}_{n}" if n > 1 else kind for n in range(1, len(taken) + 2))
        name = next(name for name in free if name not in taken)
        taken.add(name)
        yield name, tool


def _relaxed(request: ChatRequest, ours: Mapping[str, RunTool]) -> ChatRequest:
    """A tool that had to be called has been: else the model could never stop calling it."""
    choice = request.tool_choice
    is_met = choice == "required" or (isinstance(choice, NamedTool) and choice.name in ours)
    return replace(request, tool_choice="auto") if is_met else request


def _without(request: ChatRequest, ours: Mapping[str, RunTool]) -> ChatRequest:
    """Our tools are offered no longer."""
    left = tuple(t for t in request.tools if not (isinstance(t, FunctionTool) and t.name in ours))
    return replace(request, tools=left, tool_choice=request.tool_choice if left else None)
