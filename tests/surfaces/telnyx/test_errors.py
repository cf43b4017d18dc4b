"""Errors in Telnyx' words: status, string codes, sources, and what keeps SDKs from retrying."""

from typing import Any

import pytest

from surfaces.gate import SlowBody
from surfaces.telnyx.errors import render_error, render_stream_error
from surfaces.telnyx.translate.conversations import InvalidFilter
from surfaces.telnyx.translate.ids import InvalidId, InvalidPathId
from surfaces.telnyx.translate.queries import InvalidQuery
from vocabulary import errors


def test_a_whole_error_body():
    answer = render_error(errors.InvalidRequest("messages[2].content", "must be a string"))
    assert answer.body == {
        "errors": [
            {
                "code": "10015",
                "title": "Invalid value",
                "detail": "must be a string",
                "meta": {"url": "https://developers.telnyx.com/docs/overview/errors/10015"},
                "source": {"pointer": "/messages/2/content"},
            }
        ],
        "detail": [
            {
                "loc": ["body", "messages", 2, "content"],
                "msg": "must be a string",
                "type": "value_error",
            }
        ],
    }


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.DomainError(), 500, "10007"),
        (errors.InvalidRequest("", "not JSON"), 400, "10015"),
        (errors.InvalidRequest("name", "no"), 422, "10015"),
        (errors.InvalidRequest("name", "no", missing=True), 422, "10004"),
        (errors.InvalidRequest("webhook", "no"), 422, "10003"),
        (errors.Unrepresentable("tools[0].type", "no"), 422, "10015"),
        (InvalidId("insight_ids[0]", "no"), 422, "10006"),
        (InvalidPathId("group_id", "no"), 422, "10006"),
        (InvalidQuery("page[size]", "no"), 422, "10015"),
        (InvalidFilter("created_at", "no"), 400, "10015"),
        (SlowBody("", "slow"), 408, "10008"),
        (errors.AddressRefused(), 422, "10003"),
        (errors.Unauthenticated(), 401, "10009"),
        (errors.Forbidden(), 403, "10010"),
        (errors.NotFound(), 404, "10005"),
        (errors.ModelNotFound(), 400, "10015"),
        (errors.NotAllowed(), 405, "10015"),
        (errors.Conflict(), 409, "10012"),
        (errors.InFlight(), 409, "10036"),
        (errors.KeyReused(), 422, "10015"),
        (errors.TooLarge(), 413, "10015"),
        (errors.UnsupportedMedia(), 415, "10014"),
        (errors.RateLimited(), 429, "10011"),
        (errors.Overloaded(), 503, "10007"),
        (errors.NotInstalled(), 501, "10007"),
        (errors.UpstreamError(), 502, "10007"),
        (errors.UpstreamRefused(status=400), 400, "10015"),
        (errors.UpstreamRefused(status=401), 502, "10007"),
        (errors.UpstreamRateLimited(), 429, "10011"),
        (errors.UpstreamUnavailable(), 502, "10007"),
        (errors.UpstreamTimedOut(), 504, "10007"),
    ],
    ids=repr,
)
def test_each_meaning_has_its_status_and_code(error: errors.DomainError, status: int, code: str):
    answer = render_error(error)
    body: Any = answer.body
    assert (answer.status, body["errors"][0]["code"]) == (status, code)
    assert ("detail" in body) == (status == 422)


@pytest.mark.parametrize(
    ("error", "source", "loc"),
    [
        (InvalidQuery("page[size]", "no"), {"parameter": "page[size]"}, ["query", "page[size]"]),
        (InvalidPathId("group_id", "no"), {"parameter": "group_id"}, ["path", "group_id"]),
        (
            InvalidId("insight_ids[1]", "no"),
            {"pointer": "/insight_ids/1"},
            ["body", "insight_ids", 1],
        ),
    ],
    ids=repr,
)
def test_a_fault_says_where_it_stood(
    error: errors.DomainError, source: dict[str, str], loc: list[str | int]
):
    body: Any = render_error(error).body
    assert body["errors"][0]["source"] == source
    assert body["detail"][0]["loc"] == loc


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (errors.Conflict(), {"x-should-retry": "false"}),
        (errors.NotInstalled(), {"x-should-retry": "false"}),
        (errors.UpstreamRefused(status=403), {"x-should-retry": "false"}),
        (errors.InFlight(), {"retry-after": "1"}),
        (errors.RateLimited(retry_after=2.2), {"retry-after": "3"}),
        (errors.Overloaded(retry_after=2), {"retry-after": "2"}),
        (errors.UpstreamRateLimited(), {"retry-after": "1"}),
        (errors.UpstreamRateLimited(retry_after=7), {"retry-after": "7"}),
        (errors.NotFound(), {}),
    ],
    ids=repr,
)
def test_headers_steer_the_sdks_retries(error: errors.DomainError, headers: dict[str, str]):
    assert render_error(error).headers == headers


def test_an_error_in_an_open_stream_has_the_form_chat_clients_look_for():
    assert render_stream_error(errors.UpstreamTimedOut("too slow")) == {
        "error": {
            "message": "too slow",
            "type": "The model's provider did not answer in time",
            "code": "10007",
        }
    }
