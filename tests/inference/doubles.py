"""An upstream in memory that does what its script says, and notes what was done to it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import ClassVar

from providers.protocols import Target
from vocabulary.chat import (
    ChatEvent,
    ChatRequest,
    ChatResponse,
    Choice,
    Finished,
    Message,
    Metered,
    PartEnded,
    PartGrew,
    PartStarted,
    Started,
    Text,
    Usage,
)
from vocabulary.embeddings import EmbeddingRequest, EmbeddingResponse

USAGE = Usage(prompt_tokens=1_000, completion_tokens=200, cached_tokens=100, reasoning_tokens=50)


@dataclass
class Script:
    """Answer with `words`, then `error` if there is one, or stay silent for ever if `hangs`."""

    words: tuple[str, ...] = ("Hello", " there", "!")
    usage: Usage | None = USAGE
    error: Exception | None = None
    hangs: bool = False
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)

    async def end(self) -> None:
        self.reached.set()
        try:
            if self.hangs:
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.hung_up.set()
            raise
        if self.error is not None:
            raise self.error


class Scripted:
    """Chats and embeds as `script` says."""

    script: ClassVar[Script]

    async def complete(self, request: ChatRequest, target: Target) -> ChatResponse:
        await self.script.end()
        message = Message(role="assistant", parts=(Text(text="".join(self.script.words)),))
        return ChatResponse(
            id="answer-1",
            model=target.model,
            created=1,
            choices=(Choice(message=message, finish="stop"),),
            usage=self.script.usage,
            served_by=target.account.name,
        )

    async def stream(self, request: ChatRequest, target: Target) -> AsyncIterator[ChatEvent]:
        try:
            yield Started(
                id="answer-1", model=target.model, created=1, served_by=target.account.name
            )
            if self.script.words:
                yield PartStarted(index=0, part=Text(text=""))
            for word in self.script.words:
                yield PartGrew(index=0, text=word)
            await self.script.end()
            yield PartEnded(index=0)
            yield Finished(finish="stop")
            if self.script.usage is not None:
                yield Metered(usage=self.script.usage)
        except GeneratorExit:
            self.script.hung_up.set()
            raise

    async def embed(self, request: EmbeddingRequest, target: Target) -> EmbeddingResponse:
        await self.script.end()
        return EmbeddingResponse(
            model=target.model,
            vectors=tuple((0.5, 0.25) for _ in request.inputs),
            usage=self.script.usage or Usage(),
            served_by=target.account.name,
        )
