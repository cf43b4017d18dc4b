"""What upstreams' replies mean, whichever format they speak: their JSON, and their errors."""

from datetime import datetime
from typing import Final

import orjson

from vocabulary.errors import (
    InvalidRequest,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamTimedOut,
    UpstreamUnavailable,
)
from vocabulary.json import Json
from wire.http import Reply
from wire.retry_after import parse_retry_after

MAX_MESSAGE: Final = 500
_WORDS: Final = ("message", "detail", "err_msg", "msg")
"""Where the words of an error may stand, in its innermost object."""


def decode_error(reply: Reply, provider: str, now: datetime) -> UpstreamError:
    """What a reply that is no success means; `now` is for a `Retry-After` that is a date."""
    message = _error_message(reply)
    match reply.status:
        case 429 | 529:
            wait = parse_retry_after(reply.headers, now)
            return UpstreamRateLimited(
                message, status=reply.status, provider=provider, retry_after=wait
            )
        case 408 | 504 | 524:
            return UpstreamTimedOut(message, status=reply.status, provider=provider)
        case 401 | 403:  # servers quote parts of the key in these
            told = "the upstream refused the account's key"
            return UpstreamRefused(told, status=reply.status, provider=provider)
        case status if status >= 500 or status < 400:
            return UpstreamUnavailable(message, status=status, provider=provider)
        case status:
            return UpstreamRefused(message, status=status, provider=provider)


def words_of(error: Json) -> str:
    """The words of an error, in whichever of the usual places they stand."""
    match error:
        case str():
            return error[:MAX_MESSAGE]
        case [first, *_]:
            return words_of(first)
        case dict():
            return next((said for word in _WORDS if (said := words_of(error.get(word)))), "")
    return ""


def read_json(text: bytes | str) -> Json:
    """Raises UpstreamUnavailable."""
    try:
        body: Json = orjson.loads(text)
    except orjson.JSONDecodeError as fault:
        raise UpstreamUnavailable("the upstream answered with what is not JSON") from fault
    return body


def misshapen(fault: InvalidRequest) -> UpstreamUnavailable:
    """Of an answer that is JSON, and not what it should be."""
    return UpstreamUnavailable(f"the upstream's answer is misshapen: {fault.path} {fault.message}")


def _error_message(reply: Reply) -> str:
    fallback = f"the upstream answered with status {reply.status}"
    try:
        body: Json = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return fallback
    return _words_in(body) or fallback


def _words_in(body: Json) -> str:
    """Servers disagree on where an error stands, and on what stands under `error`."""
    if not isinstance(body, dict):
        return ""
    error, message = body.get("error", body.get("errors", body)), body.get("message")
    if isinstance(error, str) and isinstance(message, str):
        return message[:MAX_MESSAGE]
    if isinstance(body.get("errors"), dict):  # by the field they are about
        told = (f"{name}: {words_of(words)}" for name, words in body["errors"].items())
        return next(told, "")[:MAX_MESSAGE]
    return words_of(error)
