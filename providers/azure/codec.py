"""Chats and embeddings as calls to Azure's model inference API, whose replies `providers.chats`
reads.

https://learn.microsoft.com/rest/api/aifoundry/modelinference/

Fields that this API does not name itself, and the caller's own in `extras["azure"]`, are sent with
the header that has them handed to the model; a model that lacks one refuses. It carries text,
images and sound, no documents or videos. A request's metadata stays with us.

Options of an account, all optional: `api_version`, `deployment` (of an endpoint with several),
`credential` ("token" for a token of Entra instead of a key), `stream_usage` (true asks streams for
what they used, which not every model takes) and `timeout` (seconds).
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from providers.chats import (
    StreamDecoder,
    decode_chat,
    decode_embedding,
    json_call,
    option,
    patience,
)
from providers.replies import decode_error
from vocabulary.chat import ChatRequest, Document, Message, Video
from vocabulary.embeddings import EmbeddingRequest
from vocabulary.errors import Unrepresentable
from vocabulary.json import Json
from wire import openai_chat, openai_embeddings
from wire.http import HttpCall

if TYPE_CHECKING:
    from providers.protocols import Account, Target

__all__ = [
    "StreamDecoder",
    "decode_chat",
    "decode_embedding",
    "decode_error",
    "encode_chat",
    "encode_embedding",
]

KIND: Final = "azure"
API_VERSION: Final = "2024-05-01-preview"
_CHAT: Final = frozenset(
    {
        "messages", "model", "stream", "temperature", "top_p", "max_tokens", "seed", "stop",
        "frequency_penalty", "presence_penalty", "response_format", "tools", "tool_choice",
    }
)  # fmt: skip
_EMBEDDING: Final = frozenset({"input", "model", "dimensions", "encoding_format", "input_type"})


def encode_chat(request: ChatRequest, target: "Target", *, stream: bool = False) -> HttpCall:
    """Raises Unrepresentable."""
    for i, message in enumerate(request.messages):
        _check_parts(message, f"messages[{i}]")
    body = openai_chat.render_request(request, max_tokens_field="max_tokens")
    body |= {**request.extras.get(KIND, {}), "model": target.model}
    body.pop("metadata", None)
    if stream:
        body["stream"] = True
        if target.account.options.get("stream_usage") is True:
            body["stream_options"] = {"include_usage": True}
    headers = _headers(target.account) | _passing_through(body, _CHAT)
    url = _url(target.account, "chat/completions")
    return json_call(url, headers, body, patience(target.account, stream=stream))


def encode_embedding(request: EmbeddingRequest, target: "Target") -> HttpCall:
    """Vectors travel as numbers, which every model can spell."""
    body = openai_embeddings.render_request(replace(request, model=target.model))
    body |= request.extras.get(KIND, {})
    headers = _headers(target.account) | _passing_through(body, _EMBEDDING)
    return json_call(_url(target.account, "embeddings"), headers, body, patience(target.account))


def _check_parts(message: Message, at: str) -> None:
    for i, part in enumerate(message.parts):
        if isinstance(part, Document | Video):
            kind = type(part).__name__.lower()
            raise Unrepresentable(f"{at}.parts[{i}]", f"this upstream takes no {kind}s")


def _url(account: "Account", path: str) -> str:
    version = option(account, "api_version") or API_VERSION
    return f"{account.base_url.rstrip('/')}/{path}?api-version={quote(version, safe='')}"


def _headers(account: "Account") -> dict[str, str]:
    """These hold the account's key: never log them. A key goes under both names, as in Azure's own
    clients: which of them an endpoint reads depends on how it is hosted."""
    headers: dict[str, str] = {}
    if key := account.api_key.reveal():
        headers["Authorization"] = f"Bearer {key}"
        if option(account, "credential") != "token":
            headers["api-key"] = key
    if deployment := option(account, "deployment"):
        headers["azureml-model-deployment"] = deployment
    return headers


def _passing_through(body: dict[str, Json], known: frozenset[str]) -> dict[str, str]:
    return {} if body.keys() <= known else {"extra-parameters": "pass-through"}
