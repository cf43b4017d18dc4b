"""Errors in OpenAI's words: one `error` object with `message`, `type`, `param` and `code`.

Called by both doors. Statuses and types: https://platform.openai.com/docs/guides/error-codes
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from surfaces.gate import SlowBody
from surfaces.kit import Answer
from surfaces.retries import retry_headers
from vocabulary.errors import (
    Conflict,
    DomainError,
    Forbidden,
    InvalidRequest,
    KeyReused,
    ModelNotFound,
    NotAllowed,
    NotFound,
    NotInstalled,
    Overloaded,
    RateLimited,
    TooLarge,
    Unauthenticated,
    UnsupportedMedia,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamTimedOut,
)
from vocabulary.json import JsonObject
from wire.shapes import TEXT, nullable, record

_REQUEST: Final = "invalid_request_error"


@dataclass(frozen=True, slots=True)
class Wording:
    """How one meaning is said: HTTP status, `type`, `code`."""

    status: int
    type: str
    code: str | None = None


_WORDINGS: Final[Mapping[type[DomainError], Wording]] = {
    DomainError: Wording(500, "server_error"),
    InvalidRequest: Wording(400, _REQUEST, "invalid_value"),
    SlowBody: Wording(408, _REQUEST, "request_timeout"),
    Unauthenticated: Wording(401, _REQUEST, "invalid_api_key"),
    Forbidden: Wording(403, _REQUEST, "insufficient_permissions"),
    NotFound: Wording(404, _REQUEST, "not_found"),
    ModelNotFound: Wording(404, _REQUEST, "model_not_found"),
    NotAllowed: Wording(405, _REQUEST, "method_not_allowed"),
    Conflict: Wording(409, _REQUEST, "conflict"),
    KeyReused: Wording(422, _REQUEST, "idempotency_key_reused"),
    TooLarge: Wording(413, _REQUEST, "request_too_large"),
    UnsupportedMedia: Wording(415, _REQUEST, "unsupported_media_type"),
    RateLimited: Wording(429, "rate_limit_error", "rate_limit_exceeded"),
    Overloaded: Wording(503, "server_error", "overloaded"),
    NotInstalled: Wording(501, _REQUEST, "not_installed"),
    UpstreamError: Wording(502, "server_error", "upstream_error"),
    UpstreamRateLimited: Wording(429, "rate_limit_error", "rate_limit_exceeded"),
    UpstreamTimedOut: Wording(504, "server_error", "upstream_timeout"),
}

ERROR: Final = record(
    "ErrorResponse",
    {
        "error": record(
            "Error",
            {"message": TEXT, "type": TEXT, "param": nullable(TEXT), "code": nullable(TEXT)},
        )
    },
)


def render_error(error: DomainError) -> Answer:
    wording = _find_wording(error)
    body = {"error": _render_object(error, wording)}
    return Answer(status=wording.status, body=body, headers=retry_headers(error))


def render_stream_error(error: DomainError) -> JsonObject:
    """The same, as the event that ends a stream which had begun."""
    return {"error": _render_object(error, _find_wording(error))}


def _find_wording(error: DomainError) -> Wording:
    match error:
        case InvalidRequest(missing=True):
            return Wording(400, _REQUEST, "missing_required_parameter")
        case UpstreamRefused(status=400 | 404 | 413 | 422):
            return Wording(400, _REQUEST, "upstream_refused")
    return next(_WORDINGS[cls] for cls in type(error).__mro__ if cls in _WORDINGS)


def _render_object(error: DomainError, wording: Wording) -> JsonObject:
    """Callers read only the message, so it names the place too."""
    place = error.path if isinstance(error, InvalidRequest) else ""
    return {
        "message": f"{place}: {error.message}" if place else error.message,
        "type": wording.type,
        "param": place or None,
        "code": wording.code,
    }
