"""An id of another organisation is the id of nothing, wherever a request can name one.

Walks all routes. One that is not listed here fails, so that nobody can add a route and forget it.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import pytest
from django.test import Client

from tests.surfaces.routes import Route, all_routes, is_live
from tests.surfaces.shapes import STRANGER, assert_refused, read_refusal
from tests.surfaces.world import NOBODY, World

TELNYX: Final = "/telnyx/v2"
OPENAI: Final = "/openai/v1"
AZURE: Final = "/azure"
AZURE_PLACES: Final = (
    "", "models/", "deployments/echo/", "openai/deployments/echo/",
)  # fmt: skip
CONVERSATION: Final = f"{TELNYX}/ai/conversations/{{conversation}}"
INSIGHTS: Final = f"{TELNYX}/ai/conversations/insights"
GROUP: Final = f"{TELNYX}/ai/conversations/insight-groups/{{group}}"
EMBEDDINGS: Final = f"{TELNYX}/ai/embeddings"
BUCKETS: Final = f"{TELNYX}/storage/buckets"
OBJECT: Final = f"{BUCKETS}/{{bucket}}/{{object}}"
TUNING: Final = f"{TELNYX}/ai/fine_tuning/jobs/{{tuning}}"
STT_REPORTS: Final = f"{TELNYX}/legacy/reporting/batch_detail_records/speech_to_text"
SAID: Final = {"messages": [{"role": "user", "content": "hi"}], "model": "builtin/echo"}


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that names rows; `{kind}` in it stands for an id. `hides` are the kinds whose ids
    must not be told from unknown ones."""

    method: str
    path: str
    hides: tuple[str, ...] = ()
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


ASKS: Final = [
    Ask("GET", CONVERSATION, ("conversation",)),
    Ask("PUT", CONVERSATION, ("conversation",), {"metadata": {}}),
    Ask("DELETE", CONVERSATION, ("conversation",)),
    Ask("POST", f"{CONVERSATION}/end", ("conversation",), {}),
    Ask("POST", f"{CONVERSATION}/message", ("conversation",), {"role": "user", "content": "x"}),
    Ask("GET", f"{CONVERSATION}/messages", ("conversation",)),
    Ask("GET", f"{CONVERSATION}/conversations-insights", ("conversation",)),
    Ask(
        "POST",
        f"{CONVERSATION}/conversations-insights",
        ("conversation", "group"),
        {"insight_group_id": "{group}"},
    ),
    Ask(
        "POST",
        f"{CONVERSATION}/conversations-insights",
        ("template",),
        {"insight_ids": ["{template}"]},
    ),
    Ask("GET", f"{CONVERSATION}/conversations-insights/{{run}}", ("conversation", "run")),
    Ask("GET", f"{INSIGHTS}/{{template}}", ("template",)),
    Ask("PUT", f"{INSIGHTS}/{{template}}", ("template",), {"name": "x"}),
    Ask("DELETE", f"{INSIGHTS}/{{template}}", ("template",)),
    Ask("POST", f"{INSIGHTS}/{{template}}/backfill", ("template",), {"filter": {}}),
    Ask("GET", f"{INSIGHTS}/{{template}}/backfill/{{backfill}}", ("template", "backfill")),
    Ask(
        "POST",
        f"{TELNYX}/ai/fine_tuning/training_sets",
        ("template",),
        {"insight_id": "{template}", "bucket": "training", "path": "x.jsonl"},
    ),
    Ask("GET", f"{TELNYX}/ai/fine_tuning/training_sets/{{training_set}}", ("training_set",)),
    Ask("GET", TUNING, ("tuning",)),
    Ask("GET", f"{TUNING}/events", ("tuning",)),
    Ask("POST", f"{TUNING}/cancel", ("tuning",)),
    *(
        Ask("GET", f"{OPENAI}/fine_tuning/jobs/{{tuning}}{rest}", ("tuning",))
        for rest in ("", "/events", "/checkpoints")
    ),
    Ask("POST", f"{OPENAI}/fine_tuning/jobs/{{tuning}}/cancel", ("tuning",)),
    Ask("GET", f"{OPENAI}/fine_tuning/jobs?after={{tuning}}", ("tuning",)),
    Ask("GET", f"{STT_REPORTS}/{{report}}", ("report",)),
    Ask("DELETE", f"{STT_REPORTS}/{{report}}", ("report",)),
    Ask("GET", GROUP, ("group",)),
    Ask("PUT", GROUP, ("group",), {"name": "x"}),
    Ask("DELETE", GROUP, ("group",)),
    Ask("POST", f"{GROUP}/insights/{{template}}/assign", ("group", "template")),
    Ask("DELETE", f"{GROUP}/insights/{{template}}/unassign", ("group", "template")),
    Ask("POST", f"{TELNYX}/webhooks/deliveries/{{delivery}}/redeliver", ("delivery",)),
    Ask(
        "POST",
        f"{TELNYX}/webhooks/deliveries/redeliver",
        ("endpoint",),
        {
            "since": "2020-01-01T00:00:00Z",
            "until": "2099-01-01T00:00:00Z",
            "endpoint_id": "{endpoint}",
        },
    ),
    Ask("POST", EMBEDDINGS, ("bucket",), {"bucket_name": "{bucket}"}),
    Ask(
        "POST",
        f"{EMBEDDINGS}/url",
        ("bucket",),
        {"bucket_name": "{bucket}", "url": "https://example.com/"},
    ),
    Ask(
        "POST",
        f"{TELNYX}/ai/summarize",
        ("bucket", "object"),
        {"bucket": "{bucket}", "filename": "{object}"},
    ),
    Ask("GET", f"{EMBEDDINGS}/{{embedding_task}}", ("embedding_task",)),
    Ask("GET", f"{EMBEDDINGS}/buckets/{{bucket}}", ("bucket",)),
    Ask("DELETE", f"{EMBEDDINGS}/buckets/{{bucket}}", ("bucket",)),
    Ask("GET", OBJECT, ("bucket", "object")),
    Ask("HEAD", OBJECT, ("bucket", "object")),
    Ask("DELETE", OBJECT, ("bucket", "object")),
    Ask("PUT", OBJECT),  # makes the bucket, among one's own
    Ask("GET", f"{BUCKETS}/{{bucket}}", ("bucket",)),
    Ask("PUT", f"{BUCKETS}/{{bucket}}"),
    Ask("GET", f"{TELNYX}/text-to-speech/speech/{{audio}}", ("audio",)),
    Ask("DELETE", f"{BUCKETS}/{{empty_bucket}}", ("empty_bucket",)),
    Ask(
        "POST",
        f"{TELNYX}/ai/embeddings/similarity-search",
        ("bucket",),
        {"bucket_name": "{bucket}", "query": "x"},
    ),
    *(
        Ask("POST", path, ("conversation",), body, {"x-conversation-id": "{conversation}"})
        for path in (
            f"{TELNYX}/ai/chat/completions",
            f"{TELNYX}/ai/openai/chat/completions",
            f"{OPENAI}/chat/completions",
            *(f"{AZURE}/{place}chat/completions" for place in AZURE_PLACES),
        )
        for body in (SAID, {**SAID, "stream": True})
    ),
]

LISTS: Final = {
    f"GET {TELNYX}/ai/conversations",
    f"GET {TELNYX}/ai/conversations/insights",
    f"GET {TELNYX}/ai/conversations/insight-groups",
    f"GET {TELNYX}/ai/conversations/conversation-insights/aggregates",
    f"GET {STT_REPORTS}",
    f"GET {TELNYX}/legacy/reporting/usage_reports/speech_to_text",
    f"GET {TELNYX}/events",
    f"GET {TELNYX}/webhooks/deliveries",
    f"GET {TELNYX}/public_key",
    f"GET {TELNYX}/ai/embeddings",
    f"GET {TELNYX}/ai/embeddings/buckets",
    f"GET {TELNYX}/ai/fine_tuning/jobs",
    f"GET {TELNYX}/ai/models",
    f"GET {BUCKETS}",
    f"GET {TELNYX}/speech-to-text/providers",
    f"GET {TELNYX}/text-to-speech/voices",
    f"GET {TELNYX}/ai/openai/models",
    f"GET {TELNYX}/ai/openai/embeddings/models",
    f"GET {OPENAI}/models",
    f"GET {OPENAI}/fine_tuning/jobs",
}
"""They name no row; what they show is asked for below."""

NAMELESS: Final = {
    f"POST {TELNYX}/ai/conversations",
    f"POST {TELNYX}/ai/conversations/insights",
    f"POST {TELNYX}/ai/conversations/insight-groups",
    f"POST {STT_REPORTS}",
    f"POST {TELNYX}/ai/openai/embeddings",
    f"POST {TELNYX}/ai/fine_tuning/jobs",
    f"POST {OPENAI}/embeddings",
    f"POST {TELNYX}/ai/audio/transcriptions",
    f"POST {TELNYX}/text-to-speech/speech",
    f"POST {OPENAI}/audio/speech",
    f"POST {OPENAI}/fine_tuning/jobs",
    f"POST {OPENAI}/audio/transcriptions",
    f"POST {OPENAI}/audio/translations",
    f"GET {OPENAI}/models/{{}}",
    f"GET {AZURE}/info",
    f"GET {AZURE}/models/info",
    f"GET {AZURE}/deployments/{{}}/info",
    *(
        f"POST {AZURE}/{place}{resource}"
        for place in ("", "models/", "deployments/{}/", "openai/deployments/{}/")
        for resource in ("embeddings", "images/embeddings")
    ),
}
"""They name no row, or a model, which has no id (`tests/providers` keeps those apart)."""

SIGNED: Final = "s3"
"""A surface whose requests are signed one by one: `s3/test_isolation.py` walks its routes."""


def _shape(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


@pytest.mark.parametrize("route", [r for r in all_routes() if r.surface != SIGNED], ids=str)
def test_every_route_is_listed(route: Route):
    asked = {f"{ask.method} {_shape(ask.path)}" for ask in ASKS}
    listed = (
        {text.replace("deployments/echo", "deployments/{}") for text in asked} | LISTS | NAMELESS
    )
    assert f"{route.method} {_shape(route.path)}" in listed


def _fill(value: Any, ids: dict[str, str]) -> Any:
    match value:
        case str():
            return re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], value)
        case dict():
            return {key: _fill(inner, ids) for key, inner in value.items()}
        case list():
            return [_fill(inner, ids) for inner in value]
    return value


async def _answer(
    server: httpx.AsyncClient, ask: Ask, ids: dict[str, str], world: World
) -> tuple[int, str]:
    answer = await server.request(
        ask.method,
        _fill(ask.path, ids),
        json=_fill(ask.body, ids),
        headers=world.bearer | _fill(ask.headers, ids),
    )
    return answer.status_code, answer.text


async def test_a_foreign_id_is_the_same_404_as_an_unknown_one(
    server: httpx.AsyncClient, our_world: World, their_world: World
):
    leaks = {}
    for ask, kind in [(each, kind) for each in ASKS for kind in each.hides]:
        foreign = their_world.ids[kind]
        strange = await _answer(server, ask, our_world.ids | {kind: foreign}, our_world)
        unknown = await _answer(server, ask, our_world.ids | {kind: NOBODY}, our_world)
        alike = (strange[0], strange[1].replace(foreign, NOBODY)) == unknown
        if unknown[0] != 404 or not alike:
            leaks[str(ask), kind] = strange, unknown
    assert leaks == {}


@pytest.mark.django_db
@pytest.mark.parametrize("ask", [a for a in ASKS if not is_live(a.path)], ids=str)
def test_the_same_request_works_on_ones_own_rows(ask: Ask, django: Client, ours: World):
    """Else the 404 above might come from something else."""
    body = json.dumps(_fill(ask.body or {}, ours.ids))
    answer = django.generic(
        ask.method, _fill(ask.path, ours.ids), body, "application/json", headers=ours.bearer
    )
    assert answer.status_code == 200, answer.content


async def test_the_same_live_requests_work_on_ones_own_rows(
    server: httpx.AsyncClient, our_world: World
):
    for ask in ASKS:
        if is_live(ask.path):
            assert (await _answer(server, ask, our_world.ids, our_world))[0] == 200


async def test_lists_show_nothing_of_others(
    server: httpx.AsyncClient, our_world: World, their_world: World
):
    secrets = [*their_world.ids.values(), str(their_world.actor.organisation_id)]
    for route in sorted(LISTS):
        answer = await server.get(route.removeprefix("GET "), headers=our_world.bearer)
        assert answer.status_code == 200, (route, answer.text)
        assert not [secret for secret in secrets if secret in answer.text], route


async def test_without_a_key_every_route_refuses(server: httpx.AsyncClient, our_world: World):
    for route in all_routes():
        path = re.sub(r"\{\w+\}", our_world.ids["conversation"], route.path)
        for headers in ({}, {"authorization": "Bearer x"}, {"authorization": "Basic eDp5"}):
            answer = await server.request(route.method, path, headers=headers)
            refusal = STRANGER.get(route.surface, 401)
            assert answer.status_code == refusal, (str(route), answer.text)
            if route.method != "HEAD":
                assert_refused(path, refusal, read_refusal(answer))
