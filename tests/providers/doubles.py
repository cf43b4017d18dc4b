"""Stand-ins for adapters."""

from collections.abc import AsyncIterator

from providers.protocols import Target
from vocabulary.chat import ChatEvent, ChatRequest, ChatResponse


class Double:
    """Has a chat's shape and says nothing."""

    async def complete(self, request: ChatRequest, target: Target) -> ChatResponse:
        raise NotImplementedError

    def stream(self, request: ChatRequest, target: Target) -> AsyncIterator[ChatEvent]:
        raise NotImplementedError
