"""Search of a bucket by meaning."""

from inference.origin import Origin
from knowledge.search import search
from surfaces.kit import Answer
from surfaces.live import LiveCall
from surfaces.promises import promises
from surfaces.telnyx.surface import public_url
from surfaces.telnyx.translate.similarity_search import (
    FOUND,
    SEARCH,
    parse_search,
    render_matches,
)


@promises(body=SEARCH, answer=FOUND)
async def find_similar(call: LiveCall) -> Answer:
    """Find the passages of an embedded bucket that are nearest to a question."""
    asked = parse_search(call.body)
    origin = Origin(surface=call.surface.name, request_id=call.request_id, purpose="embedding")
    matches = await search(call.actor, asked.bucket, asked.query, limit=asked.limit, origin=origin)
    return Answer(body=render_matches(matches, public_url()))
