"""What is wrong with a request is said in a 4xx of the surface's own shape; nothing is a 500.

One table names each body's fields and the JSON types that each takes; every other type is tried.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest
from django.test import Client

from surfaces.azure.translate.chat import KNOWN as AZURE_KNOWN
from tests.surfaces.routes import Route, all_routes
from tests.surfaces.shapes import SHAPES, assert_refused, read_refusal, surface_of
from tests.surfaces.test_isolation import (
    AZURE,
    CONVERSATION,
    GROUP,
    INSIGHTS,
    OPENAI,
    SAID,
    STT_REPORTS,
    TELNYX,
)
from tests.surfaces.world import NOBODY, World

WRONG: Final[dict[str, tuple[Any, ...]]] = {
    "number": (7, 1.5, 2**70, -1),
    "boolean": (True, False),
    "string": ("x",),
    "array": ([], [1], [[[]]]),
    "object": ({}, {"a": {"b": [None]}}),
}
TEXT, NUMBER, FLAG, OBJECT = {"string"}, {"number"}, {"boolean"}, {"object"}
ANY: Final = set(WRONG)


@dataclass(frozen=True, slots=True)
class Body:
    """`fields` says which JSON types each field takes; null is taken by all but `needs`."""

    method: str
    path: str
    fields: Mapping[str, set[str]]
    needs: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def wrong(self) -> Iterator[dict[str, Any]]:
        for name, taken in self.fields.items():
            for kind, values in WRONG.items():
                if kind not in taken:
                    yield from ({**self.needs, name: value} for value in values)
        for name in self.needs:
            yield {**self.needs, name: None}
            yield {key: value for key, value in self.needs.items() if key != name}


CHAT_FIELDS: Final = {
    "messages": {"array"},
    "model": TEXT,
    "stream": FLAG,
    "stream_options": OBJECT,
    "temperature": NUMBER,
    "top_p": NUMBER,
    "max_tokens": NUMBER,
    "n": NUMBER,
    "stop": {"string", "array"},
    "seed": NUMBER,
    "logprobs": FLAG,
    "top_logprobs": NUMBER,
    "logit_bias": OBJECT,
    "response_format": OBJECT,
    "tools": {"array"},
    "tool_choice": {"string", "object"},
    "user": TEXT,
    "metadata": OBJECT,
}
TELNYX_FIELDS: Final = CHAT_FIELDS | {
    "guided_json": OBJECT,
    "guided_regex": TEXT,
    "guided_choice": {"array"},
    "use_beam_search": FLAG,
    "best_of": NUMBER,
    "early_stopping": FLAG,
    "length_penalty": NUMBER,
    "region": TEXT,
    "mode": TEXT,
    "api_key_ref": TEXT,
}
AZURE_FIELDS: Final = {name: CHAT_FIELDS[name] for name in AZURE_KNOWN & CHAT_FIELDS.keys()}
EMBEDDING_FIELDS: Final = {
    "input": {"string", "array"},
    "model": TEXT,
    "dimensions": NUMBER,
    "encoding_format": TEXT,
    "user": TEXT,
}
AZURE_EMBEDDING_FIELDS: Final = {
    "input": {"string", "array"},
    "model": TEXT,
    "dimensions": NUMBER,
    "encoding_format": set[str](),
    "input_type": set[str](),
}
SPEECH_FIELDS: Final = {
    "text": TEXT,
    "voice": TEXT,
    "provider": TEXT,
    "language": TEXT,
    "text_type": set[str](),
    "output_type": set[str](),
    "disable_cache": FLAG,
    "voice_settings": OBJECT,
    "telnyx": OBJECT,
    "azure": OBJECT,
}
TEMPLATE_FIELDS: Final = {
    "name": TEXT,
    "instructions": TEXT,
    "json_schema": OBJECT,
    "webhook": set[str](),
    "model": TEXT,
}
GROUP_FIELDS: Final = {"name": TEXT, "description": TEXT, "webhook": set[str]()}
EMBEDDING: Final = {"input": "a", "model": "builtin/minilm"}
TELNYX_CHAT: Final = {"messages": SAID["messages"]}

BODIES: Final = [
    Body("POST", f"{TELNYX}/ai/conversations", {"name": TEXT, "metadata": OBJECT}, {}),
    Body("PUT", CONVERSATION, {"metadata": OBJECT}, {}),
    Body("POST", f"{CONVERSATION}/end", {"reason": TEXT}, {}),
    Body(
        "POST",
        f"{CONVERSATION}/message",
        {
            "role": set(),
            "content": TEXT,
            "name": TEXT,
            "sent_at": set(),
            "tool_call_id": TEXT,
            "tool_choice": {"string", "object"},
            "metadata": OBJECT,
        },
        {"role": "user"},
    ),
    Body("POST", f"{CONVERSATION}/message", {"tool_calls": {"array"}}, {"role": "assistant"}),
    Body(
        "POST",
        f"{CONVERSATION}/conversations-insights",
        {"insight_group_id": set(), "insight_ids": set(), "model": TEXT},
        {},
    ),
    Body("POST", INSIGHTS, TEMPLATE_FIELDS, {"name": "n", "instructions": "i"}),
    Body("PUT", f"{INSIGHTS}/{{template}}", TEMPLATE_FIELDS, {}),
    Body(
        "POST",
        f"{INSIGHTS}/{{template}}/backfill",
        {"filter": OBJECT, "sample": NUMBER, "max_cost": NUMBER, "dry_run": FLAG},
        {},
    ),
    Body("POST", f"{TELNYX}/ai/conversations/insight-groups", GROUP_FIELDS, {"name": "n"}),
    Body("PUT", GROUP, GROUP_FIELDS, {}),
    Body("POST", f"{TELNYX}/ai/chat/completions", TELNYX_FIELDS, TELNYX_CHAT),
    Body("POST", f"{TELNYX}/ai/openai/chat/completions", TELNYX_FIELDS, TELNYX_CHAT),
    Body("POST", f"{TELNYX}/ai/openai/embeddings", EMBEDDING_FIELDS, EMBEDDING),
    Body("POST", f"{TELNYX}/text-to-speech/speech", SPEECH_FIELDS, {"text": "a"}),
    Body(
        "POST",
        f"{TELNYX}/ai/embeddings/similarity-search",
        {"bucket_name": TEXT, "query": TEXT, "num_of_docs": NUMBER},
        {"bucket_name": "docs", "query": "x"},
    ),
    Body(
        "POST",
        f"{TELNYX}/ai/embeddings",
        {
            "bucket_name": TEXT,
            "document_chunk_size": NUMBER,
            "document_chunk_overlap_size": NUMBER,
            "embedding_model": TEXT,
            "loader": set(),
        },
        {"bucket_name": "nowhere"},
    ),
    Body(
        "POST",
        f"{TELNYX}/ai/embeddings/url",
        {"bucket_name": TEXT, "url": TEXT},
        {"bucket_name": "nowhere", "url": "https://example.com/"},
    ),
    Body(
        "POST",
        f"{TELNYX}/ai/fine_tuning/jobs",
        {
            "model": TEXT,
            "training_file": TEXT,
            "validation_file": TEXT,
            "hyperparameters": OBJECT,
            "suffix": TEXT,
        },
        {"model": "builtin/minilm", "training_file": "nowhere/x.jsonl"},
    ),
    Body(
        "POST",
        f"{TELNYX}/ai/fine_tuning/training_sets",
        {
            "insight_id": set(),
            "bucket": TEXT,
            "path": TEXT,
            "field": TEXT,
            "filter": OBJECT,
            "min_confidence": NUMBER,
            "format": set(),
            "value": TEXT,
        },
        {"insight_id": NOBODY, "bucket": "training", "path": "x.jsonl"},
    ),
    Body(
        "POST",
        STT_REPORTS,
        {"start_date": set(), "end_date": set()},
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-01-02T00:00:00Z"},
    ),
    Body(
        "POST",
        f"{TELNYX}/ai/summarize",
        {"bucket": TEXT, "filename": TEXT, "system_prompt": TEXT},
        {"bucket": "nowhere", "filename": "x"},
    ),
    Body("POST", f"{OPENAI}/chat/completions", CHAT_FIELDS, SAID),
    Body("POST", f"{AZURE}/chat/completions", AZURE_FIELDS, {"messages": SAID["messages"]}),
    Body("POST", f"{AZURE}/models/chat/completions", AZURE_FIELDS, {"messages": SAID["messages"]}),
    Body("POST", f"{AZURE}/embeddings", AZURE_EMBEDDING_FIELDS, {"input": "a"}),
    Body("POST", f"{OPENAI}/embeddings", EMBEDDING_FIELDS, EMBEDDING),
    Body(
        "POST",
        f"{OPENAI}/fine_tuning/jobs",
        {
            "model": TEXT,
            "training_file": TEXT,
            "validation_file": TEXT,
            "hyperparameters": OBJECT,
            "method": OBJECT,
            "suffix": TEXT,
        },
        {"model": "builtin/minilm", "training_file": "nowhere/x.jsonl"},
    ),
    Body(
        "POST",
        f"{OPENAI}/audio/speech",
        {
            "model": TEXT,
            "input": TEXT,
            "voice": TEXT,
            "instructions": TEXT,
            "response_format": set(),
            "speed": NUMBER,
            "stream_format": set(),
        },
        {"model": "nobody/nothing", "input": "a", "voice": "alloy"},
    ),
]


def _fill(path: str, world: World) -> str:
    for kind, id in world.ids.items():
        path = path.replace(f"{{{kind}}}", id)
    return path


@pytest.mark.parametrize("body", BODIES, ids=str)
async def test_a_field_of_another_type_is_refused(
    body: Body, server: httpx.AsyncClient, our_world: World, fake: Any
):
    path = _fill(body.path, our_world)
    for wrong in body.wrong():
        answer = await server.request(body.method, path, json=wrong, headers=our_world.bearer)
        assert 400 <= answer.status_code < 500, (wrong, answer.status_code, answer.text)
        assert_refused(path, answer.status_code, answer.json())


NOT_BODIES: Final = {
    "not JSON": b"{",
    "an array": b"[]",
    "a number": b"7",
    "null": b"null",
    "text": b'"x"',
    "NaN": b'{"name": NaN}',
    "deep": b'{"name":' + b"[" * 5000 + b"]" * 5000 + b"}",
    "many marks": b'{"name":[' + b"[]," * 150_000 + b"0]}",
    "NUL": b'{"name": "a\\u0000b", "role": "user", "instructions": "\\u0000"}',
    "raw NUL": b'{"name": "a\x00b"}',
    "lone surrogate": b'{"name": "\\ud800"}',
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "a trailing comma": b'{"name": "x",}',
    "twice": b"{}{}",
}


async def test_a_body_that_is_no_json_object_is_refused(
    server: httpx.AsyncClient, our_world: World
):
    headers = our_world.bearer | {"content-type": "application/json"}
    for body in BODIES:
        path = _fill(body.path, our_world)
        for name, raw in NOT_BODIES.items():
            answer = await server.request(body.method, path, content=raw, headers=headers)
            assert 400 <= answer.status_code < 500, (path, name, answer.text)
            assert_refused(path, answer.status_code, answer.json())


def _any_ids(path: str, world: World) -> str:
    names = {
        "conversation_id": "conversation",
        "insight_id": "template",
        "group_id": "group",
        "run_id": "run",
        "backfill_id": "backfill",
        "delivery_id": "delivery",
        "task_id": "embedding_task",
        "report_id": "report",
    }
    for name, kind in names.items():
        path = path.replace(f"{{{name}}}", world.ids[kind])
    return path.replace("{model}", "builtin/echo")


# -- ids in paths -------------------------------------------------------------------------------
STRANGE_IDS: Final = [
    "x",
    "1",
    "0" * 32,
    "01990000-0000-7000-8000-00000000000g",
    "{01990000-0000-7000-8000-000000000000}",
    "' OR 1=1 --",
    "%00",
    "\u2603",
    "x" * 2000,
    "..",
]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "route", [r for r in all_routes() if "_id}" in r.path and "telnyx" in r.path], ids=str
)
def test_an_id_that_is_no_uuid_is_refused(route: Route, django: Client, ours: World):
    start, _, rest = route.path.partition("{")
    _, _, rest = rest.partition("}")
    for strange in STRANGE_IDS:
        path = start + quote(strange, safe="%") + _any_ids(rest, ours)
        answer = django.generic(route.method, path, b"{}", "application/json", headers=ours.bearer)
        assert answer.status_code in {400, 404, 405, 422}, (path, answer.content)
        assert_refused(path, answer.status_code, answer.json())


# -- query strings ------------------------------------------------------------------------------
PAGED: Final = {
    f"{TELNYX}/ai/conversations/insights": (0, 99),
    f"{TELNYX}/ai/conversations/insight-groups": (0, 99),
    f"{CONVERSATION}/messages": (1, 100),
    f"{CONVERSATION}/conversations-insights": (1, 100),
    f"{TELNYX}/webhooks/deliveries": (1, 100),
}


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGED)
def test_a_pages_size_keeps_its_documented_bounds(path: str, django: Client, ours: World):
    smallest, largest = PAGED[path]
    path = _fill(path, ours)
    for size in (smallest, largest):
        query = {"page[size]": str(size)}
        assert django.get(path, query, headers=ours.bearer).status_code == 200
    for wrong in (smallest - 1, largest + 1, "x", "1.5", 10**30, "\u0663", "\x00", "1'"):
        for name in ("page[size]", "page.size"):
            answer = django.get(path, {name: str(wrong)}, headers=ours.bearer)
            assert answer.status_code == 422, (wrong, answer.content)
            assert_refused(path, 422, answer.json())
            assert answer.json()["errors"][0]["source"]["parameter"] in {name, "page[size]"}
    answer = django.get(path, {"page[number]": "0"}, headers=ours.bearer)
    assert answer.status_code == 422


@pytest.mark.django_db
def test_a_page_far_behind_the_last_is_empty(django: Client, ours: World):
    path = f"{TELNYX}/ai/conversations/insights"
    answer = django.get(path, {"page[number]": "9999999"}, headers=ours.bearer).json()
    assert (answer["data"], answer["meta"]["page_number"]) == ([], 9999999)


FILTERS: Final = [
    {"created_at": "gte"},
    {"created_at": "gte.yesterday"},
    {"created_at": "gte.99999-01-01"},
    {"created_at": "like.2025%"},
    {"id": "eq.7"},
    {"id": "eq.'; DROP TABLE conversations_conversation; --"},
    {"name": "regex.(a+)+$"},
    {"name": "eq.\x00"},
    {"organisation_id": "neq.1"},
    {"organisation__slug": "eq.theirs"},
    {"metadata": "eq.x"},
    {"metadata->": "eq.x"},
    {"metadata->a'); --": "eq.x"},
    {"messages__text": "like.%"},
    {"or": "("},
    {"or": "(name.eq.a,organisation_id.neq.b)"},
    {"or": "(" * 200},
    {"or": "(" + ",".join(["name.eq.a"] * 50) + ")"},
    {"and": "not.a.group"},
    {"order": "password.desc"},
    {"order": "created_at.sideways"},
    {"order": "name; DROP TABLE x"},
    {"limit": "0"},
    {"limit": "-1"},
    {"limit": "many"},
    {"limit": "1; DELETE"},
    {"offset": "-1"},
    {"offset": "9" * 40},
    {"page[size]": "x"},
    {"page[number]": "x"},
    {"after": "x"},
    {"\x00": "eq.1"},
    {"name": "eq." + "x" * 10_000},
]


@pytest.mark.django_db
@pytest.mark.parametrize("query", FILTERS, ids=lambda query: str(query)[:60])
def test_a_filter_is_answered_or_refused_and_never_lets_anybody_in(
    query: dict[str, str], django: Client, ours: World, theirs: World
):
    path = f"{TELNYX}/ai/conversations"
    answer = django.get(path, query, headers=ours.bearer)
    assert theirs.ids["conversation"] not in answer.content.decode()
    if answer.status_code == 200:
        assert {"metadata->a'); --"} >= query.keys(), answer.content
        return
    assert answer.status_code in {400, 422}, answer.content
    assert_refused(path, answer.status_code, answer.json())
    assert answer.json()["errors"][0]["source"]["parameter"] in query


AGGREGATES: Final = [
    {"group_by": "password"},
    {"group_by": "organisation__slug"},
    {"group_by": "metadata."},
    {"group_by": "metadata.a'b\""},
    {"group_by": "/" * 500},
    {"group_by": ",".join(f"metadata.k{i}" for i in range(60))},
    {"group_by": "day", "show": "everything"},
    {"group_by": "day", "created_at": "gte.yesterday"},
    {"group_by": "day", "created_at": "near.2025-01-01"},
    {"group_by": "day", "created_at": "gte.0001-01-01T00:00:00+14:00"},
    {"group_by": "day", "insight_id": "x"},
    {"group_by": "metadata.\x00"},
    {"group_by": "day", "metadata[\x00]": "x"},
    {"group_by": "day", "metadata[a]": "\x00"},
]


@pytest.mark.django_db
@pytest.mark.parametrize("query", AGGREGATES, ids=lambda query: str(query)[:60])
def test_an_aggregate_that_makes_no_sense_is_refused(
    query: dict[str, str], django: Client, ours: World
):
    path = f"{TELNYX}/ai/conversations/conversation-insights/aggregates"
    answer = django.get(path, query, headers=ours.bearer)
    assert_refused(path, answer.status_code, answer.json())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [{"after": "x"}, {"after": "-1"}, {"after": "9" * 30}, {"limit": "0"}, {"limit": "1001"}],
)
def test_the_feed_checks_where_to_begin(query: dict[str, str], django: Client, ours: World):
    path = f"{TELNYX}/events"
    answer = django.get(path, query, headers=ours.bearer)
    assert answer.status_code == 422
    assert_refused(path, 422, answer.json())


# -- methods, paths, content types --------------------------------------------------------------
UNKNOWN: Final = [
    f"{TELNYX}/",
    f"{TELNYX}/nothing",
    f"{TELNYX}/ai/conversations/",
    f"{TELNYX}/ai/conversations/a/b/c",
    f"{OPENAI}/nothing",
    f"{OPENAI}/models/",
    f"{OPENAI}/chat/completions/",
    f"{OPENAI}/models/{quote('no such/model', safe='')}",
]


async def test_what_is_not_there_is_missing_in_the_surfaces_words(
    server: httpx.AsyncClient, our_world: World
):
    for path in UNKNOWN:
        for method in ("GET", "POST"):
            answer = await server.request(method, path, headers=our_world.bearer, json={})
            assert answer.status_code in {404, 405}, (path, answer.text)
            assert_refused(path, answer.status_code, answer.json())


async def test_a_method_that_is_not_offered_is_405(server: httpx.AsyncClient, our_world: World):
    for route in all_routes():
        path = _any_ids(route.path, our_world)
        answer = await server.request("PATCH", path, headers=our_world.bearer, json={})
        assert answer.status_code == 405, (path, answer.text)
        assert_refused(path, 405, read_refusal(answer))


@pytest.mark.django_db
def test_a_form_is_no_json(django: Client, ours: World):
    path = f"{TELNYX}/ai/conversations"
    answer = django.post(path, {"name": "x"}, headers=ours.bearer)
    assert answer.status_code == 415
    assert_refused(path, 415, answer.json())


@pytest.mark.django_db
@pytest.mark.parametrize("accept", ["text/html", "application/xml;q=1", ";;;", "a/b/c"])
def test_whatever_is_accepted_is_answered_in_json(accept: str, django: Client, ours: World):
    path = f"{TELNYX}/ai/conversations?limit=1&order=id"
    answer = django.get(path, headers=ours.bearer | {"accept": accept})
    assert (answer.status_code, answer["content-type"]) == (200, "application/json")
    assert django.get(f"{TELNYX}/events?format=xml", headers=ours.bearer).status_code == 200


@pytest.mark.django_db
def test_json_is_announced_and_nothing_sent(django: Client, ours: World):
    """As SDKs do on calls without a body."""
    path = _fill(f"{GROUP}/insights/{{template}}/assign", ours)
    answer = django.generic("POST", path, b"", "application/json", headers=ours.bearer)
    assert (answer.status_code, answer.content) == (200, b"")


def test_the_shapes_cover_every_surface():
    assert {surface_of(route.path) for route in all_routes()} == SHAPES.keys()


def test_every_body_of_the_table_can_be_sent():
    for body in BODIES:
        assert json.dumps(list(body.wrong()))
