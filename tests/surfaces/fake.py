"""A provider that answers what the last message tells it to; stands in for `builtin`."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Final

from providers.protocols import Account, Target
from vocabulary.chat import (
    ChatEvent,
    ChatRequest,
    ChatResponse,
    Choice,
    Message,
    SchemaJson,
    Text,
    Usage,
)
from vocabulary.embeddings import EmbeddingRequest, EmbeddingResponse
from vocabulary.errors import (
    DomainError,
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamTimedOut,
    UpstreamUnavailable,
)
from vocabulary.speech import SpeechRequest, SpeechResponse, Voice
from vocabulary.streams import explode

FAULTS: Final[dict[str, DomainError]] = {
    "time out": UpstreamTimedOut("too slow", provider="fake"),
    "be away": UpstreamUnavailable("gone", provider="fake"),
    "say later": UpstreamRateLimited("later", provider="fake", retry_after=7),
    "refuse": UpstreamRefused("no such thing", status=400, provider="fake"),
    "reject our key": UpstreamRefused("who are you", status=401, provider="fake"),
}
BREAK_OFF: Final = "break off"


class Fake:
    """`asked` collects the requests that arrived."""

    asked: Final[list[ChatRequest]] = []

    async def complete(self, request: ChatRequest, target: Target) -> ChatResponse:
        self.asked.append(request)
        word = request.messages[-1].text
        if word in FAULTS:
            raise FAULTS[word]
        return ChatResponse(
            id="chatcmpl-1",
            model=target.model,
            created=1_700_000_000,
            choices=tuple(
                Choice(
                    index=index,
                    message=Message(role="assistant", parts=(Text(text=_answer(request)),)),
                    finish="stop",
                )
                for index in range(request.sampling.n)
            ),
            usage=Usage(prompt_tokens=3, completion_tokens=4),
            served_by=target.account.name,
        )

    async def stream(self, request: ChatRequest, target: Target) -> AsyncIterator[ChatEvent]:
        events = list(explode(await self.complete(request, target)))
        if request.messages[-1].text == BREAK_OFF:
            for event in events[:3]:
                yield event
            raise FAULTS["be away"]
        for event in events:
            await asyncio.sleep(0)
            yield event

    async def embed(self, request: EmbeddingRequest, target: Target) -> EmbeddingResponse:
        return EmbeddingResponse(
            model=target.model,
            vectors=tuple((0.5, -1.0, float(i)) for i, _ in enumerate(request.inputs)),
            usage=Usage(prompt_tokens=len(request.inputs)),
            served_by=target.account.name,
        )

    async def speak(self, request: SpeechRequest, target: Target) -> SpeechResponse:
        return SpeechResponse(
            model=target.model,
            audio=f"{request.format} of {request.text}".encode(),
            format=request.format,
            sample_rate=request.sample_rate or 24_000,
            served_by=target.account.name,
        )

    async def find_voices(self, account: Account) -> tuple[Voice, ...]:
        return (Voice(id="v-1", name="Alloy", language="en-US"),)


def _answer(request: ChatRequest) -> str:
    """The last words again, as the text of each property that must be there."""
    said = f"you said {request.messages[-1].text}"
    if not isinstance(request.output, SchemaJson):
        return said
    needed = request.output.schema.get("required", [])
    return json.dumps(dict.fromkeys(needed, said))
