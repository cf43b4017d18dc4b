"""Errors in Azure's words: an OData `error` object, and beside it the flat fields of its reference.

Clients repeat whatever carries `Retry-After`, so that stands where repeating helps and nowhere
else. https://learn.microsoft.com/rest/api/aifoundry/modelinference/
"""

from collections.abc import Mapping
from typing import Final

from surfaces.azure.translate.parameters import ExtraParameter
from surfaces.gate import SlowBody
from surfaces.kit import Answer
from surfaces.retries import retry_headers
from vocabulary.errors import (
    Conflict,
    DomainError,
    Forbidden,
    InvalidRequest,
    KeyReused,
    NotAllowed,
    NotFound,
    NotInstalled,
    Overloaded,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unrepresentable,
    UnsupportedMedia,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamTimedOut,
)
from vocabulary.json import Json, JsonObject
from wire.pointers import split_path
from wire.shapes import ANYTHING, TEXT, WHOLE, array, record

type Wording = tuple[int, str]

_REFUSED: Final[Wording] = (400, "invalid_request")
_WORDINGS: Final[Mapping[type[DomainError], Wording]] = {
    DomainError: (500, "internal_error"),
    InvalidRequest: _REFUSED,
    ExtraParameter: (400, "extra_parameter_not_allowed"),
    Unrepresentable: (422, "parameter_not_supported"),
    SlowBody: (408, "request_timeout"),
    Unauthenticated: (401, "unauthorized"),
    Forbidden: (403, "forbidden"),
    NotFound: (404, "not_found"),
    NotAllowed: (405, "method_not_allowed"),
    Conflict: (409, "conflict"),
    KeyReused: (422, "idempotency_key_reused"),
    TooLarge: (413, "request_too_large"),
    UnsupportedMedia: (415, "unsupported_media_type"),
    RateLimited: (429, "too_many_requests"),
    Overloaded: (503, "overloaded"),
    NotInstalled: (501, "not_installed"),
    UpstreamError: (502, "upstream_error"),
    UpstreamRateLimited: (429, "too_many_requests"),
    UpstreamTimedOut: (504, "upstream_timeout"),
}
_REPEATABLE: Final = frozenset({429, 503})
CODE: Final = "x-ms-error-code"

ERROR: Final = record(
    "ErrorResponse",
    {
        "error": record(
            "Error", {"code": TEXT, "message": TEXT, "target": TEXT}, required=["code", "message"]
        ),
        "status": WHOLE,
        "code": TEXT,
        "message": TEXT,
        "detail": record("ErrorDetail", {"loc": array(ANYTHING)}),
    },
    required=["error", "status", "code", "message"],
)


def render_error(error: DomainError) -> Answer:
    status, code = _find_wording(error)
    headers = {CODE: code}
    if status in _REPEATABLE:
        headers |= retry_headers(error)
    return Answer(status=status, body=_render_body(error, status, code), headers=headers)


def render_stream_error(error: DomainError) -> JsonObject:
    """The last chunk of a stream that breaks: its reader passes over all that has no choices, so
    the choice itself says why it ends."""
    status, code = _find_wording(error)
    choice: JsonObject = {"index": 0, "delta": {}, "finish_reason": "error"}
    return {**_render_body(error, status, code), "choices": [choice]}


def _find_wording(error: DomainError) -> Wording:
    if isinstance(error, UpstreamRefused) and error.status in {400, 404, 413, 422}:
        return _REFUSED
    return next(_WORDINGS[cls] for cls in type(error).__mro__ if cls in _WORDINGS)


def _render_body(error: DomainError, status: int, code: str) -> JsonObject:
    place = error.path if isinstance(error, InvalidRequest) else ""
    inner: dict[str, Json] = {"code": code, "message": error.message}
    body: dict[str, Json] = {"error": inner, "status": status, "code": code}
    if place:
        inner |= {"message": f"{place}: {error.message}", "target": place}
        body["detail"] = {"loc": ["body", *split_path(place)]}
    return {**body, "message": inner["message"]}
