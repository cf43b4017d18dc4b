"""What Telnyx' SDK relies on, through Django's door: paging, filters, idempotency, rights."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from insights import services as insights
from organisations.services import create_api_key
from tests.surfaces.world import World

pytestmark = pytest.mark.django_db
CONVERSATIONS = "/telnyx/v2/ai/conversations"


class Caller:
    """Speaks JSON with one organisation's key."""

    def __init__(self, client: Client, token: str) -> None:
        self._client = client
        self._headers = {"authorization": f"Bearer {token}"}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.generic(
            method,
            path,
            "" if body is None else self._client._encode_json(body, "application/json"),  # type: ignore[attr-defined]
            "application/json",
            headers=self._headers | named,
        )


@pytest.fixture
def call(django: Client, ours: World) -> Caller:
    return Caller(django, ours.token)


# -- numbers ------------------------------------------------------------------------------------
def test_a_number_beyond_64_bits_does_not_spoil_the_list_it_is_in(call: Caller):
    """PostgreSQL gives 1e20 back as a whole number."""
    path = f"{CONVERSATIONS}/insights"
    schema = {"type": "number", "maximum": 1e20}
    created = call("POST", path, {"name": "n", "instructions": "i", "json_schema": schema})
    assert created.json()["data"]["json_schema"] == schema
    assert schema in [found["json_schema"] for found in call("GET", path).json()["data"]]


# -- conversations ------------------------------------------------------------------------------
def test_new_metadata_replace_the_old_and_none_leave_them(call: Caller, ours: World):
    path = f"{CONVERSATIONS}/{ours.ids['conversation']}"
    assert call("PUT", path, {"metadata": {"a": "1"}}).json()["data"]["metadata"] == {"a": "1"}
    assert call("PUT", path, {"name": "ignored"}).json()["data"]["metadata"] == {"a": "1"}
    assert call("PUT", path, {"metadata": None}).json()["data"]["metadata"] == {"a": "1"}
    assert call("PUT", path, {"metadata": {}}).json()["data"]["metadata"] == {}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("metadata-%3Efrom=eq.%2B1", True),
        ("metadata->>from=eq.%2B1", True),
        ("metadata-%3Efrom=eq.%2B2", False),
        ("metadata-%3Enothing=neq.x", False),
        ("name=like.Fi%25", True),
        ("name=like.Fi*", True),
        ("name=ilike.fi*&created_at=gte.2025-01-01", True),
        ("name=eq.First&name=eq.Second", False),
        ("or=(name.eq.Second,name.eq.First)", True),
        ("not.or=(name.eq.Second,name.eq.First)", False),
        ("name=in.(First,Second)", True),
        ("name=not.eq.First", False),
        ("limit=1&order=last_message_at.asc", True),
        ("status=", True),
        ("offset=1", False),
        ("page[size]=250&page[number]=1", True),
    ],
)
def test_conversations_are_filtered_as_the_sdk_spells_it(call: Caller, query: str, found: bool):
    answer = call("GET", f"{CONVERSATIONS}?{query}")
    assert answer.status_code == 200, answer.content
    assert bool(answer.json()["data"]) == found
    assert "meta" not in answer.json()


def test_a_new_message_moves_the_conversation_on_and_opens_it_again(call: Caller, ours: World):
    path = f"{CONVERSATIONS}/{ours.ids['conversation']}"
    ended = call("POST", f"{path}/end", {}).json()["data"]
    assert (ended["state"], ended["end_reason"]) == ("ended", "requested")
    assert call("POST", f"{path}/message", {"role": "user", "content": "wait"}).content == b""
    opened = call("GET", path).json()["data"]
    assert (opened["state"], opened["end_reason"]) == ("active", None)
    assert opened["last_message_at"] > ended["last_message_at"]


def test_what_is_deleted_is_gone_with_its_messages(call: Caller, ours: World):
    path = f"{CONVERSATIONS}/{ours.ids['conversation']}"
    assert call("DELETE", path).content == b""
    assert call("GET", path).status_code == 404
    assert call("GET", f"{path}/messages").status_code == 404


# -- messages -----------------------------------------------------------------------------------
def test_messages_are_listed_oldest_first_without_instructions(call: Caller, ours: World):
    path = f"{CONVERSATIONS}/{ours.ids['conversation']}"
    for role, text in [("system", "be kind"), ("developer", "be brief"), ("assistant", "yes?")]:
        call("POST", f"{path}/message", {"role": role, "content": text})
    listed = call("GET", f"{path}/messages").json()
    assert [m["text"] for m in listed["data"]] == ["hello", "yes?"]
    assert listed["meta"]["total_results"] == 2


def test_pages_end_where_meta_says(call: Caller, ours: World):
    path = f"{CONVERSATIONS}/{ours.ids['conversation']}"
    for text in ("two", "three"):
        call("POST", f"{path}/message", {"role": "user", "content": text})
    seen, number, pages = [], 1, 1
    while number <= pages:
        page = call("GET", f"{path}/messages?page[size]=1&page[number]={number}").json()
        assert page["meta"]["page_number"] == number
        seen += [message["text"] for message in page["data"]]
        pages, number = page["meta"]["total_pages"], number + 1
    assert seen == ["hello", "two", "three"]


# -- insights -----------------------------------------------------------------------------------
def test_another_wording_is_another_version_and_a_null_schema_takes_it_away(
    call: Caller, ours: World
):
    path = f"{CONVERSATIONS}/insights/{ours.ids['template']}"
    first = call("PUT", path, {"json_schema": {"type": "string"}}).json()["data"]
    assert (first["version"], first["json_schema"]) == (2, {"type": "string"})
    same = call("PUT", path, {"name": "Other", "instructions": None}).json()["data"]
    assert (same["version"], same["json_schema"]) == (2, {"type": "string"})
    assert call("PUT", path, {"json_schema": None}).json()["data"]["json_schema"] is None


def test_deleting_a_template_leaves_its_groups_and_deleting_a_group_its_templates(
    call: Caller, ours: World
):
    template = f"{CONVERSATIONS}/insights/{ours.ids['template']}"
    group = f"{CONVERSATIONS}/insight-groups/{ours.ids['group']}"
    assert call("DELETE", template).status_code == 200
    assert call("GET", group).json()["data"]["insights"] == []
    assert call("DELETE", group).status_code == 200
    assert call("GET", group).status_code == 404


def test_unassigning_twice_is_the_same_as_once(call: Caller, ours: World):
    path = f"{CONVERSATIONS}/insight-groups/{ours.ids['group']}/insights/{ours.ids['template']}"
    assert [call("DELETE", f"{path}/unassign").status_code for _ in range(2)] == [200, 200]
    assert call("POST", f"{path}/assign").status_code == 200


# -- idempotency --------------------------------------------------------------------------------
def test_the_same_key_and_body_again_is_the_same_answer_and_no_second_row(call: Caller):
    first, again = (call("POST", CONVERSATIONS, {"name": "x"}, idempotency_key="k") for _ in "12")
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(call("GET", f"{CONVERSATIONS}?name=eq.x").json()["data"]) == 1


def test_the_same_key_with_another_body_is_refused(call: Caller):
    call("POST", CONVERSATIONS, {"name": "x"}, idempotency_key="k")
    assert call("POST", CONVERSATIONS, {"name": "y"}, idempotency_key="k").status_code == 422


def test_a_refused_request_leaves_its_key_free(call: Caller):
    assert call("POST", CONVERSATIONS, {"name": 7}, idempotency_key="k").status_code == 422
    assert call("POST", CONVERSATIONS, {"name": "x"}, idempotency_key="k").status_code == 200


# -- rights -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("scope", "method", "status"),
    [("read", "GET", 200), ("read", "POST", 403), ("write", "GET", 403), ("write", "POST", 200)],
)
def test_a_key_may_do_what_its_scopes_say(
    scope: str, method: str, status: int, django: Client, ours: World
):
    _, token = create_api_key(ours.actor, scopes=[scope])
    answer = Caller(django, token.reveal())(method, CONVERSATIONS, {} if method == "POST" else None)
    assert answer.status_code == status


# -- what lists cost ----------------------------------------------------------------------------
AUTHENTICATION = 1
"""Queries besides the list's own."""
PATIENCE = 3
"""PostgreSQL is told, in a savepoint, how long a filter may take."""


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        (CONVERSATIONS, 1),
        (f"{CONVERSATIONS}/{{conversation}}/messages", 3),
        (f"{CONVERSATIONS}/insights", 2),
        (f"{CONVERSATIONS}/insight-groups", 4),
        (f"{CONVERSATIONS}/{{conversation}}/conversations-insights", 4),
        ("/telnyx/v2/webhooks/deliveries", 3),
        ("/telnyx/v2/events", 1),
    ],
)
def test_a_list_takes_as_many_queries_however_long_it_is(
    path: str,
    queries: int,
    call: Caller,
    ours: World,
    django_assert_num_queries: DjangoAssertNumQueries,
):
    path = path.format(**ours.ids)
    for name in ("A", "B"):
        template = insights.create_template(ours.actor, name=name, instructions="?")
        group = insights.create_group(ours.actor, name=name)
        insights.assign(ours.actor, group.id, template.id)
        call(
            "POST",
            f"{CONVERSATIONS}/{ours.ids['conversation']}/conversations-insights",
            {"insight_ids": [str(template.id)]},
        )
    if path == CONVERSATIONS and connection.vendor == "postgresql":
        queries += PATIENCE
    with django_assert_num_queries(AUTHENTICATION + queries):
        assert call("GET", path).status_code == 200
