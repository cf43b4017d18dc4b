"""Embeddings of texts; the models that make them are listed in `models`."""

from surfaces.kit import Answer
from surfaces.live import LiveCall
from surfaces.vectors import answer_embeddings


async def embed(call: LiveCall) -> Answer:
    return await answer_embeddings(call)
