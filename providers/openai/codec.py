"""Chats and embeddings as calls to a server of the OpenAI format, whose replies `providers.chats`
reads.

Knobs that a server lacks it ignores or refuses itself; none is dropped here. A request's metadata
stays with us: it is for our own lists, and servers take it only for what they store themselves.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from providers.chats import StreamDecoder, decode_chat, decode_embedding, json_call, patience
from providers.openai.endpoint import Endpoint
from providers.replies import decode_error
from vocabulary.chat import ChatRequest
from vocabulary.embeddings import EmbeddingRequest
from wire import openai_chat, openai_embeddings
from wire.http import HttpCall

if TYPE_CHECKING:
    from providers.protocols import Target

__all__ = [
    "StreamDecoder",
    "decode_chat",
    "decode_embedding",
    "decode_error",
    "encode_chat",
    "encode_embedding",
]


def encode_chat(request: ChatRequest, target: "Target", *, stream: bool = False) -> HttpCall:
    """Raises Unrepresentable."""
    endpoint = Endpoint(account=target.account)
    body = openai_chat.render_request(request, max_tokens_field=endpoint.max_tokens_field)
    body["model"] = target.model
    body.pop("metadata", None)
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    url = endpoint.url(target, "chat/completions")
    return json_call(url, endpoint.headers(), body, patience(target.account, stream=stream))


def encode_embedding(request: EmbeddingRequest, target: "Target") -> HttpCall:
    endpoint = Endpoint(account=target.account)
    body = openai_embeddings.render_request(replace(request, model=target.model), "base64")
    url = endpoint.url(target, "embeddings")
    return json_call(url, endpoint.headers(), body, patience(target.account))
