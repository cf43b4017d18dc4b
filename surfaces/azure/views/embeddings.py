"""Embeddings of texts; and of images, for which no upstream here has a model."""

from inference import services
from inference.origin import Origin
from inference.queries import Power
from surfaces.azure.translate.embeddings import (
    EMBEDDINGS,
    REQUEST,
    parse_embedding,
    parse_spelling,
    render_embeddings,
)
from surfaces.azure.views.deployments import PASSING, RETURNED, VERSION, echo, find_model
from surfaces.completions import SERVED_BY
from surfaces.kit import Answer
from surfaces.live import EventStream, LiveCall
from surfaces.promises import promises
from vocabulary.errors import NotFound
from wire.shapes import OBJECT, TEXT


@promises(
    body=REQUEST, answer=EMBEDDINGS, query=VERSION, headers=(PASSING,), returns=RETURNED,
    path={"deployment": TEXT},
)  # fmt: skip
async def embed(call: LiveCall) -> Answer | EventStream:
    """Turn texts into vectors, spelled as numbers, base64 or bytes."""
    spelling = parse_spelling(call.body)
    model = await find_model(call, Power.EMBEDDING)
    request = parse_embedding(call.body, call.headers, model=model)
    origin = Origin(surface=call.surface.name, request_id=call.request_id, purpose="embedding")
    response = await services.embed(call.actor, request, origin)
    headers = {SERVED_BY: response.served_by} if response.served_by else {}
    return echo(call, Answer(body=render_embeddings(response, spelling), headers=headers))


@promises(body=OBJECT, answer=EMBEDDINGS, query=VERSION, path={"deployment": TEXT})
async def embed_images(call: LiveCall) -> Answer:
    """Turn images into vectors: always a 404, for no kind of upstream here offers it."""
    raise NotFound("no upstream of this server makes embeddings of images")
