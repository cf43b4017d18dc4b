"""A provider of embeddings in memory, which notes what it was asked."""

import hashlib
from collections import Counter
from typing import ClassVar

from providers.protocols import Target
from vocabulary.chat import Usage
from vocabulary.embeddings import EmbeddingRequest, EmbeddingResponse

DIMENSIONS = {"embed-small": 4, "embed-large": 8}


class Embedder:
    """`asked` counts texts by model; a model of `errors` raises its error instead."""

    asked: ClassVar[Counter[tuple[str, str]]] = Counter()
    errors: ClassVar[dict[str, Exception]] = {}

    async def embed(self, request: EmbeddingRequest, target: Target) -> EmbeddingResponse:
        if target.model in self.errors:
            raise self.errors[target.model]
        texts = [str(text) for text in request.inputs]
        self.asked.update((target.model, text) for text in texts)
        return EmbeddingResponse(
            model=target.name,
            vectors=tuple(vector_of(text, DIMENSIONS[target.model]) for text in texts),
            usage=Usage(prompt_tokens=len(texts)),
            served_by=target.account.name,
        )


def vector_of(text: str, dimensions: int) -> tuple[float, ...]:
    noise = hashlib.shake_128(text.encode()).digest(dimensions)
    return tuple(byte - 127.5 for byte in noise)
