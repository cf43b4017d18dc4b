"""Errors in OpenAI's words: status, type, param, code, and what keeps SDKs from retrying."""

from typing import Any

import pytest

from surfaces.gate import SlowBody
from surfaces.openai.errors import render_error, render_stream_error
from vocabulary import errors

REQUEST = "invalid_request_error"


def test_a_whole_error_body():
    answer = render_error(errors.InvalidRequest("messages[2].content", "must be a string"))
    assert answer.status == 400
    assert answer.body == {
        "error": {
            "message": "messages[2].content: must be a string",
            "type": REQUEST,
            "param": "messages[2].content",
            "code": "invalid_value",
        }
    }


@pytest.mark.parametrize(
    ("error", "status", "kind", "code"),
    [
        (errors.DomainError(), 500, "server_error", None),
        (errors.InvalidRequest("", "not JSON"), 400, REQUEST, "invalid_value"),
        (
            errors.InvalidRequest("model", "no", missing=True),
            400,
            REQUEST,
            "missing_required_parameter",
        ),
        (errors.Unrepresentable("audio", "no"), 400, REQUEST, "invalid_value"),
        (SlowBody("", "slow"), 408, REQUEST, "request_timeout"),
        (errors.Unauthenticated(), 401, REQUEST, "invalid_api_key"),
        (errors.Forbidden(), 403, REQUEST, "insufficient_permissions"),
        (errors.NotFound(), 404, REQUEST, "not_found"),
        (errors.ModelNotFound(), 404, REQUEST, "model_not_found"),
        (errors.NotAllowed(), 405, REQUEST, "method_not_allowed"),
        (errors.Conflict(), 409, REQUEST, "conflict"),
        (errors.InFlight(), 409, REQUEST, "conflict"),
        (errors.KeyReused(), 422, REQUEST, "idempotency_key_reused"),
        (errors.TooLarge(), 413, REQUEST, "request_too_large"),
        (errors.UnsupportedMedia(), 415, REQUEST, "unsupported_media_type"),
        (errors.RateLimited(), 429, "rate_limit_error", "rate_limit_exceeded"),
        (errors.Overloaded(), 503, "server_error", "overloaded"),
        (errors.NotInstalled(), 501, REQUEST, "not_installed"),
        (errors.UpstreamError(), 502, "server_error", "upstream_error"),
        (errors.UpstreamRefused(status=400), 400, REQUEST, "upstream_refused"),
        (errors.UpstreamRefused(status=401), 502, "server_error", "upstream_error"),
        (errors.UpstreamRateLimited(), 429, "rate_limit_error", "rate_limit_exceeded"),
        (errors.UpstreamTimedOut(), 504, "server_error", "upstream_timeout"),
    ],
    ids=repr,
)
def test_each_meaning_has_its_words(
    error: errors.DomainError, status: int, kind: str, code: str | None
):
    answer = render_error(error)
    body: Any = answer.body
    said = (answer.status, body["error"]["type"], body["error"]["code"])
    assert said == (status, kind, code)


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (errors.Conflict(), {"x-should-retry": "false"}),
        (errors.InFlight(), {"retry-after": "1"}),
        (errors.RateLimited(retry_after=2.2), {"retry-after": "3"}),
        (errors.UpstreamRateLimited(), {"retry-after": "1"}),
        (errors.NotFound(), {}),
    ],
    ids=repr,
)
def test_headers_steer_the_sdks_retries(error: errors.DomainError, headers: dict[str, str]):
    assert render_error(error).headers == headers


def test_an_error_in_an_open_stream_is_the_same_object():
    error = errors.UpstreamTimedOut("too slow")
    assert render_stream_error(error) == render_error(error).body
