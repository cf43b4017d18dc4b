"""Chats and embeddings as calls to an AI DIAL core, and its replies as answers.

https://github.com/epam/ai-dial-core

The model is a deployment in the path. What DIAL adds to a message stands in that message's
`extras["dial"]`, under DIAL's own names and in both directions: `custom_content`, `custom_fields`.
What it adds to a request (`custom_fields`, `max_prompt_tokens`, `custom_input` …) stands in
`extras["dial"]` of the request. Its statistics are not read; a request's metadata stays with us.

Options of an account, all optional: `api_version`, `credential` ("token" for a token instead of a
key) and `timeout` (seconds).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from providers import chats, replies
from providers.chats import decode_embedding, json_call, option, patience
from providers.dial.custom_content import FIELD, KIND, Contents, extras_of
from providers.replies import misshapen, read_json
from vocabulary.chat import ChatEvent, ChatRequest, ChatResponse, Choice, Finished, Message, Metered
from vocabulary.embeddings import EmbeddingRequest
from vocabulary.errors import InvalidRequest, UpstreamError
from vocabulary.json import Json, JsonObject
from wire import openai_chat, openai_embeddings
from wire.fields import as_object, find_list, find_object
from wire.http import HttpCall, Reply
from wire.openai_messages import render_message

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

API_VERSION: Final = "2024-10-21"
MOST_WORDS: Final = 300


# -- the question -------------------------------------------------------------------------------
def encode_chat(request: ChatRequest, target: "Target", *, stream: bool = False) -> HttpCall:
    """Raises Unrepresentable."""
    body = openai_chat.render_request(replace(request, messages=()), max_tokens_field="max_tokens")
    body.pop("metadata", None)
    body |= request.extras.get(KIND, {})
    body["messages"] = list(_render_messages(request.messages))
    body |= {"model": target.model, "stream": stream}
    url = _url(target, "chat/completions")
    deadlines = patience(target.account, stream=stream)
    return json_call(url, _headers(target.account), body, deadlines)


def encode_embedding(request: EmbeddingRequest, target: "Target") -> HttpCall:
    body = openai_embeddings.render_request(replace(request, model=target.model), "base64")
    body |= request.extras.get(KIND, {})
    url = _url(target, "embeddings")
    return json_call(url, _headers(target.account), body, patience(target.account))


def _render_messages(messages: Sequence[Message]) -> Iterator[JsonObject]:
    """A message may consist of attachments alone; its content is text even so."""
    for i, message in enumerate(messages):
        own = message.extras.get(KIND, {})
        for rendered in render_message(message, f"messages[{i}]"):
            content = {} if rendered.get("content") or not own else {"content": ""}
            yield {**own, **rendered, **content}


def _url(target: "Target", path: str) -> str:
    base = target.account.base_url.rstrip("/").removesuffix("/openai")
    version = quote(option(target.account, "api_version") or API_VERSION, safe="")
    deployment = quote(target.model, safe="/")
    return f"{base}/openai/deployments/{deployment}/{path}?api-version={version}"


def _headers(account: "Account") -> dict[str, str]:
    """These hold the account's key: never log them."""
    key = account.api_key.reveal()
    if not key:
        return {}
    is_token = option(account, "credential") == "token"
    return {"Authorization": f"Bearer {key}"} if is_token else {"Api-Key": key}


# -- the answer, whole --------------------------------------------------------------------------
def decode_chat(body: bytes) -> ChatResponse:
    """Raises UpstreamError."""
    read = read_json(body)
    response = chats.parse_chat(read)
    try:
        contents = _find_contents(read)
    except InvalidRequest as fault:
        raise misshapen(fault) from fault
    pairs = zip(response.choices, contents, strict=True)
    return replace(response, choices=tuple(_with_content(*pair) for pair in pairs))


def _find_contents(body: Json) -> list[JsonObject | None]:
    """The custom content of each choice."""
    choices = [as_object(one, "choices") for one in find_list(as_object(body, ""), "choices", "")]
    messages = [find_object(choice, "message", "choices") or {} for choice in choices]
    return [find_object(message, FIELD, "message") for message in messages]


def _with_content(choice: Choice, content: JsonObject | None) -> Choice:
    return replace(choice, message=replace(choice.message, extras=extras_of(content)))


# -- the answer, as it arrives ------------------------------------------------------------------
class StreamDecoder:
    """As that of `providers.chats`. Custom content comes with the end of its choice, which is told
    when the stream ends: until then more of it may come."""

    def __init__(self) -> None:
        self._contents = Contents()
        self._decoder = chats.StreamDecoder([self._watch])
        self._ends: list[Finished] = []

    @property
    def done(self) -> bool:
        return self._decoder.done

    def feed(self, chunk: bytes) -> Iterator[ChatEvent]:
        yield from self._hold(self._decoder.feed(chunk))

    def close(self) -> Iterator[ChatEvent]:
        """To be called once after the last bytes."""
        last = list(self._hold(self._decoder.close()))
        yield from (event for event in last if not isinstance(event, Metered))
        for end in self._ends:
            yield replace(end, extras=self._contents.extras(end.choice))
        yield from (event for event in last if isinstance(event, Metered))

    def _hold(self, events: Iterator[ChatEvent]) -> Iterator[ChatEvent]:
        for event in events:
            if isinstance(event, Finished):
                self._ends.append(event)
            else:
                yield event

    def _watch(self, chunk: Json) -> None:
        try:
            self._contents.watch(chunk)
        except InvalidRequest as fault:
            raise misshapen(fault) from fault


# -- what goes wrong ----------------------------------------------------------------------------
def decode_error(reply: Reply, provider: str, now: datetime) -> UpstreamError:
    """A core says much in bare text, and some of it for people's eyes."""
    error = replies.decode_error(reply, provider, now)
    if reply.status not in (401, 403) and (told := _words(reply)):
        error.message = told
        error.args = (told,)
    return error


def _words(reply: Reply) -> str:
    if not reply.headers.get("content-type", "").startswith("application/json"):
        text = reply.body[: 4 * MOST_WORDS].decode("utf-8", "replace").strip()
        return "" if text.startswith("<") else text[:MOST_WORDS]
    try:
        body = read_json(reply.body)
    except UpstreamError:
        return ""
    error = body.get("error") if isinstance(body, Mapping) else None
    shown = error.get("display_message") if isinstance(error, Mapping) else None
    return shown[:MOST_WORDS] if isinstance(shown, str) else ""
