"""The OpenAI chat format, both directions: what surfaces and adapters that speak it import.

`parse_*` takes decoded JSON and raises InvalidRequest with the exact place; `render_*` gives JSON
and raises Unrepresentable for content this format cannot carry. Laws, kept by property tests: what
is rendered parses to itself, and a stream folds to the same answer as the whole.
"""

from wire.openai_chat_decoder import ChunkDecoder
from wire.openai_chat_encoder import ChunkEncoder
from wire.openai_chat_request import Delivery, parse_delivery, parse_request, render_request
from wire.openai_chat_response import parse_response, render_response

__all__ = [
    "ChunkDecoder",
    "ChunkEncoder",
    "Delivery",
    "parse_delivery",
    "parse_request",
    "parse_response",
    "render_request",
    "render_response",
]
