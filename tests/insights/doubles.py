"""An upstream in memory that is asked for extractions, and answers as its script says."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import ClassVar

from providers.protocols import Target
from vocabulary.chat import (
    ChatEvent,
    ChatRequest,
    ChatResponse,
    Choice,
    Message,
    Part,
    Text,
    ToolCall,
    Usage,
)
from vocabulary.json import Json
from wire.extraction import Finding, Quote, write_finding

FIXED = Finding(
    value={"resolved": True},
    quotes=(Quote(path="/resolved", message=2, quote="that fixed it", confidence=0.9),),
)


@dataclass
class Script:
    """`answer` is called with the question (the user's message as JSON) and gives a finding, a raw
    text or an error to raise."""

    answer: Callable[[Json], Finding | str | Exception] = lambda question: FIXED
    delay: float = 0.0
    requests: list[ChatRequest] = field(default_factory=list)

    @property
    def questions(self) -> list[Json]:
        return [read_question(request) for request in self.requests]


class Judge:
    """An adapter."""

    script: ClassVar[Script]

    async def complete(self, request: ChatRequest, target: Target) -> ChatResponse:
        self.script.requests.append(request)
        await asyncio.sleep(self.script.delay)
        answer = self.script.answer(read_question(request))
        if isinstance(answer, Exception):
            raise answer
        text = write_finding(answer) if isinstance(answer, Finding) else answer
        return ChatResponse(
            id="1",
            model=target.model,
            created=0,
            choices=(
                Choice(
                    message=Message(role="assistant", parts=(_part(request, text),)), finish="stop"
                ),
            ),
            usage=Usage(prompt_tokens=412, completion_tokens=18),
            served_by=target.account.name,
        )

    def stream(self, request: ChatRequest, target: Target) -> AsyncIterator[ChatEvent]:
        raise NotImplementedError


def read_question(request: ChatRequest) -> Json:
    return json.loads(next(m.text for m in request.messages if m.role == "user"))


def _part(request: ChatRequest, text: str) -> Part:
    if request.tools:
        return ToolCall(id="c", name=request.tools[0].name, arguments=text)
    return Text(text=text)
