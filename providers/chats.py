"""What adapters of chats and embeddings share: bodies written, and answers of the OpenAI format
read, whole and as they arrive."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from common.bodies import dump_json
from providers.replies import misshapen, read_json, words_of
from vocabulary.chat import ChatEvent, ChatResponse
from vocabulary.embeddings import EmbeddingResponse
from vocabulary.errors import (
    InvalidRequest,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamUnavailable,
)
from vocabulary.json import Json
from wire import openai_chat, openai_embeddings
from wire.http import Deadlines, HttpCall
from wire.sse import Decoder

if TYPE_CHECKING:
    from providers.protocols import Account

TIMEOUT: Final = 120.0
STREAM_TIMEOUT: Final = 600.0
"""Seconds for a whole answer, and for one that arrives bit by bit."""
_TOO_MANY: Final = frozenset({"429", "rate_limit_exceeded", "too_many_requests"})


# -- the question -------------------------------------------------------------------------------
def json_call(url: str, headers: dict[str, str], body: Json, deadlines: Deadlines) -> HttpCall:
    """A POST of `body`. Raises InvalidRequest for what cannot be sent as JSON."""
    return HttpCall(
        method="POST",
        url=url,
        headers={"Content-Type": "application/json"} | headers,
        body=write_json(body),
        deadlines=deadlines,
    )


def write_json(body: Json) -> bytes:
    """Raises InvalidRequest."""
    try:
        return dump_json(body)
    except (TypeError, ValueError) as fault:  # lone surrogates, infinities
        raise InvalidRequest("", f"cannot be sent as JSON: {fault}") from fault


def patience(account: "Account", *, stream: bool = False) -> Deadlines:
    """How long an answer may take, by the account's option `timeout` (seconds); streams take longer
    in all. A model that thinks says nothing meanwhile, so no silence in it counts as a hang-up."""
    told = account.options.get("timeout")
    whole = float(told) if isinstance(told, int | float) and told > 0 else TIMEOUT
    total = max(whole, STREAM_TIMEOUT) if stream else whole
    return Deadlines(total=total, between_bytes=whole)


def option(account: "Account", name: str) -> str:
    """An option that is text; empty where it is not set."""
    value = account.options.get(name)
    return value if isinstance(value, str) else ""


# -- the answer, whole --------------------------------------------------------------------------
def decode_chat(body: bytes) -> ChatResponse:
    """Raises UpstreamError, also for an answer without choices."""
    return parse_chat(read_json(body))


def parse_chat(body: Json) -> ChatResponse:
    """As `decode_chat`, of what is read already."""
    try:
        response = openai_chat.parse_response(body)
    except InvalidRequest as fault:
        raise misshapen(fault) from fault
    if not response.choices:
        raise UpstreamUnavailable("the upstream answered without choices")
    return response


def decode_embedding(body: bytes) -> EmbeddingResponse:
    """Raises UpstreamError."""
    try:
        return openai_embeddings.parse_response(read_json(body))
    except InvalidRequest as fault:
        raise misshapen(fault) from fault


# -- the answer, as it arrives ------------------------------------------------------------------
class StreamDecoder:
    """Turns the bytes of one streamed answer into events; raises UpstreamError.

    An answer counts as whole when each choice said why it ended, or the stream said `[DONE]`: many
    a broken connection looks like a quiet end. `watchers` see each chunk before it is read.
    """

    def __init__(self, watchers: Sequence[Callable[[Json], None]] = ()) -> None:
        self._events = Decoder()
        self._chunks = openai_chat.ChunkDecoder()
        self._watchers = watchers
        self.done = False

    def feed(self, chunk: bytes) -> Iterator[ChatEvent]:
        for event in self._events.feed(chunk):
            yield from self._decode(event.data)

    def close(self) -> Iterator[ChatEvent]:
        """To be called once after the last bytes."""
        for event in self._events.close():
            yield from self._decode(event.data)
        yield from self._chunks.end(done=self.done)
        if not self._chunks.complete:
            raise UpstreamUnavailable("the upstream broke off its answer")

    def _decode(self, data: str) -> Iterator[ChatEvent]:
        if self.done or data == "[DONE]":
            self.done = True
            return
        body = read_json(data)
        if isinstance(body, dict) and body.get("error"):
            raise _decode_stream_error(body["error"])
        for watch in self._watchers:
            watch(body)
        try:
            yield from self._chunks.parse_chunk(body)
        except InvalidRequest as fault:
            raise misshapen(fault) from fault


def _decode_stream_error(error: Json) -> UpstreamError:
    code = error.get("code") if isinstance(error, dict) else None
    message = words_of(error) or "the upstream reported an error inside its answer"
    return UpstreamRateLimited(message) if str(code) in _TOO_MANY else UpstreamUnavailable(message)
