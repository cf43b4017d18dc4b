"""Embeddings."""

from surfaces.kit import Answer
from surfaces.live import LiveCall
from surfaces.vectors import answer_embeddings


async def embed(call: LiveCall) -> Answer:
    """The SDK asks for base64 unless its user says otherwise; others get numbers."""
    return await answer_embeddings(call)
