"""The adapter of upstreams that speak Google's Generative Language API."""

from dataclasses import replace
from itertools import batched

from providers.chatting import Chatting, Embedding
from providers.gemini import codec
from providers.protocols import Target
from vocabulary.chat import Usage
from vocabulary.embeddings import EmbeddingRequest, EmbeddingResponse


class Gemini(Chatting, Embedding):
    """Answers chats and embeds."""

    def __init__(self) -> None:
        Chatting.__init__(self, codec)
        Embedding.__init__(self, codec)

    async def embed(self, request: EmbeddingRequest, target: Target) -> EmbeddingResponse:
        """As many calls, one after the other, as it takes."""
        vectors: list[tuple[float, ...]] = []
        usage = Usage()
        for inputs in batched(request.inputs, codec.MOST_TEXTS, strict=False):
            response = await super().embed(replace(request, inputs=inputs), target)
            vectors.extend(response.vectors)
            usage += response.usage
        return EmbeddingResponse(
            model=target.model,
            vectors=tuple(vectors),
            usage=usage,
            served_by=target.account.name,
        )
