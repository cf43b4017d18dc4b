"""Embeddings in the OpenAI format: the live answer of every surface that speaks it."""

from typing import Final

from inference import services
from inference.origin import Origin
from surfaces.completions import SERVED_BY, SERVED_BY_ABOUT
from surfaces.kit import Answer
from surfaces.live import LiveCall
from wire.openai_embeddings import parse_request, parse_spelling, render_response

PROMISED: Final = {SERVED_BY: SERVED_BY_ABOUT}


async def answer_embeddings(call: LiveCall) -> Answer:
    request, spelling = parse_request(call.body), parse_spelling(call.body)
    origin = Origin(surface=call.surface.name, request_id=call.request_id, purpose="embedding")
    response = await services.embed(call.actor, request, origin)
    headers = {SERVED_BY: response.served_by} if response.served_by else {}
    return Answer(body=render_response(response, spelling), headers=headers)
