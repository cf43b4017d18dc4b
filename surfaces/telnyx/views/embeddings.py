"""Embeddings of texts; the models that make them are listed in `models`."""

from surfaces.kit import Answer
from surfaces.live import LiveCall
from surfaces.promises import promises
from surfaces.vectors import PROMISED, answer_embeddings
from wire.openai_shapes import EMBEDDING_REQUEST, EMBEDDINGS


@promises(body=EMBEDDING_REQUEST, answer=EMBEDDINGS, returns=PROMISED)
async def embed(call: LiveCall) -> Answer:
    """Turn texts into vectors."""
    return await answer_embeddings(call)
