"""Embeddings."""

from surfaces.kit import Answer
from surfaces.live import LiveCall
from surfaces.promises import promises
from surfaces.vectors import PROMISED, answer_embeddings
from wire.openai_shapes import EMBEDDING_REQUEST, EMBEDDINGS


@promises(body=EMBEDDING_REQUEST, answer=EMBEDDINGS, returns=PROMISED)
async def embed(call: LiveCall) -> Answer:
    """Turn texts into vectors.

    The SDK asks for base64 unless its user says otherwise; others get numbers.
    """
    return await answer_embeddings(call)
