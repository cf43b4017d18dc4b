"""Errors in Telnyx' words: one `errors` array of string codes, and beside it, on 422, the `detail`
array that the AI endpoints document. Called by both doors.

Codes: https://developers.telnyx.com/docs/overview/errors
"""

from collections.abc import Mapping
from dataclasses import dataclass

from surfaces.completions import InvalidHeader
from surfaces.conditions import PreconditionFailed
from surfaces.gate import SlowBody
from surfaces.kit import Answer
from surfaces.ranges import Unsatisfiable, range_headers
from surfaces.retries import retry_headers
from surfaces.telnyx.translate.conversations import InvalidFilter
from surfaces.telnyx.translate.ids import InvalidId, InvalidPathId
from surfaces.telnyx.translate.queries import InvalidQuery
from surfaces.telnyx.translate.speech import SpeechRefused
from surfaces.telnyx.translate.stt_reports import InvalidReport
from surfaces.telnyx.translate.transcriptions import Contradiction
from surfaces.telnyx.translate.voices import VoicesRefused
from vocabulary.errors import (
    AddressRefused,
    Conflict,
    DomainError,
    Forbidden,
    InFlight,
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
from vocabulary.json import Json, JsonObject
from wire.pointers import split_path
from wire.shapes import OBJECT, TEXT, WHOLE, array, either, record, said

_ABOUT = "https://developers.telnyx.com/docs/overview/errors/"


@dataclass(frozen=True, slots=True)
class Wording:
    """How one meaning is said: HTTP status, Telnyx' code, its title."""

    status: int
    code: str
    title: str


_INVALID = Wording(422, "10015", "Invalid value")
_MALFORMED = Wording(400, "10015", "Bad Request")
_ADDRESS = Wording(422, "10003", "Invalid URL")
_MISSING = Wording(422, "10004", "Missing required parameter")
_WORDINGS: Mapping[type[DomainError], Wording] = {
    DomainError: Wording(500, "10007", "Unexpected error"),
    InvalidRequest: _INVALID,
    InvalidId: Wording(422, "10006", "Invalid id"),
    InvalidFilter: _MALFORMED,
    Contradiction: _MALFORMED,
    SpeechRefused: Wording(400, "90103", "Text to speech failed"),
    VoicesRefused: Wording(400, "90104", "Voices cannot be listed"),
    InvalidReport: _MALFORMED,
    SlowBody: Wording(408, "10008", "Request timeout"),
    AddressRefused: _ADDRESS,
    Unauthenticated: Wording(401, "10009", "Authentication failed"),
    Forbidden: Wording(403, "10010", "Authorization failed"),
    NotFound: Wording(404, "10005", "Resource not found"),
    ModelNotFound: _MALFORMED,
    NotAllowed: Wording(405, "10015", "Method not allowed"),
    PreconditionFailed: Wording(412, "10012", "Precondition failed"),
    Unsatisfiable: Wording(416, "10015", "Range not satisfiable"),
    Conflict: Wording(409, "10012", "Conflict"),
    InFlight: Wording(409, "10036", "Resource is being processed"),
    KeyReused: _INVALID,
    TooLarge: Wording(413, "10015", "Request too large"),
    UnsupportedMedia: Wording(415, "10014", "Unsupported Media Type"),
    RateLimited: Wording(429, "10011", "Too many requests"),
    Overloaded: Wording(503, "10007", "Service unavailable"),
    NotInstalled: Wording(501, "10007", "Not available on this server"),
    UpstreamError: Wording(502, "10007", "The model's provider failed"),
    UpstreamRateLimited: Wording(429, "10011", "Too many requests"),
    UpstreamTimedOut: Wording(504, "10007", "The model's provider did not answer in time"),
}

ERROR = record(
    "Errors",
    {
        "errors": array(
            record(
                "Error",
                {
                    "code": TEXT,
                    "title": TEXT,
                    "detail": TEXT,
                    "meta": OBJECT,
                    "source": record(
                        "ErrorSource", {"pointer": TEXT, "parameter": TEXT}, required=[]
                    ),
                },
                required=["code", "title", "detail", "meta"],
            )
        ),
        "detail": said(
            array(
                record(
                    "ErrorDetail",
                    {"loc": array(either(TEXT, WHOLE)), "msg": TEXT, "type": TEXT},
                )
            ),
            "With status 422 alone.",
        ),
    },
    required=["errors"],
)


def render_error(error: DomainError) -> Answer:
    wording = _find_wording(error)
    body: dict[str, Json] = {"errors": [_render_entry(error, wording)]}
    if wording.status == 422:
        body["detail"] = [_render_detail(error)]
    return Answer(
        status=wording.status, body=body, headers=retry_headers(error) | range_headers(error)
    )


def render_stream_error(error: DomainError) -> JsonObject:
    """The event that ends a stream which had begun, in the form that chat clients look for."""
    wording = _find_wording(error)
    return {"error": {"message": error.message, "type": wording.title, "code": wording.code}}


def _find_wording(error: DomainError) -> Wording:
    match error:
        case InvalidRequest(missing=True):
            return _MISSING
        case InvalidRequest(path="webhook" | "url"):
            return _ADDRESS
        case InvalidRequest(path="" | "conversation_id") if type(error) is InvalidRequest:
            return _MALFORMED  # not JSON at all, or a conversation whose `ai_disabled` is true
        case UpstreamRefused(status=400 | 404 | 413 | 422):
            return _MALFORMED
    return next(_WORDINGS[cls] for cls in type(error).__mro__ if cls in _WORDINGS)


def _render_entry(error: DomainError, wording: Wording) -> JsonObject:
    entry: dict[str, Json] = {
        "code": wording.code,
        "title": wording.title,
        "detail": error.message,
        "meta": {"url": f"{_ABOUT}{wording.code}"},
    }
    match error:
        case InvalidQuery() | InvalidPathId() | InvalidFilter() | InvalidHeader():
            entry["source"] = {"parameter": error.path}
        case InvalidRequest() if error.path:
            entry["source"] = {"pointer": "".join(f"/{step}" for step in split_path(error.path))}
    return entry


def _render_detail(error: DomainError) -> JsonObject:
    """What FastAPI says of a request that it refuses."""
    missing = isinstance(error, InvalidRequest) and error.missing
    return {
        "loc": _loc(error),
        "msg": error.message,
        "type": "missing" if missing else "value_error",
    }


def _loc(error: DomainError) -> list[str | int]:
    match error:
        case InvalidQuery():
            return ["query", error.path]
        case InvalidPathId():
            return ["path", error.path]
        case InvalidHeader():
            return ["header", error.path]
        case InvalidRequest():
            steps = split_path(error.path)
            return ["body", *(int(step) if step.isdecimal() else step for step in steps)]
    return ["body"]
