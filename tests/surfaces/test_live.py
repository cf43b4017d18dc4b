"""Chats and embeddings through the live door, on every surface that speaks OpenAI's format."""

import base64
import json
from array import array
from typing import Any, Final
from uuid import UUID

import httpx
import pytest
from pytest import FixtureRequest

from common.db import in_thread
from conversations.models import Conversation, Message
from conversations.services import update_conversation
from tests.surfaces.fake import BREAK_OFF, Fake
from tests.surfaces.shapes import SHAPES, assert_refused, surface_of
from tests.surfaces.world import NOBODY, World
from usage.models import UsageRecord

pytestmark = pytest.mark.usefixtures("fake")

CHATS = (
    "/telnyx/v2/ai/chat/completions",
    "/telnyx/v2/ai/openai/chat/completions",
    "/openai/v1/chat/completions",
)
EMBEDDINGS = ("/telnyx/v2/ai/openai/embeddings", "/openai/v1/embeddings")


@pytest.fixture(params=CHATS)
def chat(request: FixtureRequest) -> str:
    path: str = request.param
    return path


@pytest.fixture(params=EMBEDDINGS)
def embeddings(request: FixtureRequest) -> str:
    path: str = request.param
    return path


def says(word: str, **more: Any) -> dict[str, Any]:
    return {"model": "builtin/echo", "messages": [{"role": "user", "content": word}], **more}


def chunks(text: str) -> list[Any]:
    """The data of a stream's events; `[DONE]` stays a word."""
    lines = [line.removeprefix("data: ") for line in text.split("\n\n") if line]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]


# -- whole answers ------------------------------------------------------------------------------
async def test_a_chat_is_answered_in_openais_shape(
    chat: str, server: httpx.AsyncClient, our_world: World
):
    answer = await server.post(chat, json=says("hi"), headers=our_world.bearer)
    assert answer.status_code == 200
    assert answer.json() == {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "echo",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "you said hi", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": answer.json()["usage"],
    }
    assert answer.json()["usage"]["total_tokens"] == 7
    assert answer.headers["x-served-by"] == "builtin"
    assert answer.headers["x-request-id"]
    assert "x-conversation-id" not in answer.headers


async def test_every_chat_is_in_the_ledger_with_its_surface(
    chat: str, server: httpx.AsyncClient, our_world: World
):
    await server.post(chat, json=says("hi"), headers=our_world.bearer | {"x-request-id": "r-1"})
    [row] = await in_thread(lambda: list(UsageRecord.unscoped.all()))
    assert (row.surface, row.request_id) == (chat.split("/")[1], "r-1")
    assert (row.prompt_tokens, row.completion_tokens) == (3, 4)


UPSTREAM_FAULTS: Final[list[tuple[str, int, dict[str, str]]]] = [
    ("time out", 504, {}),
    ("be away", 502, {}),
    ("say later", 429, {"retry-after": "7"}),
    ("refuse", 400, {"x-should-retry": "false"}),
    ("reject our key", 502, {"x-should-retry": "false"}),
]


@pytest.mark.parametrize("stream", [False, True])
async def test_what_upstreams_do_wrong_is_said_in_the_surfaces_words(
    chat: str, stream: bool, server: httpx.AsyncClient, our_world: World
):
    for word, status, headers in UPSTREAM_FAULTS:
        answer = await server.post(chat, json=says(word, stream=stream), headers=our_world.bearer)
        assert answer.status_code == status
        assert SHAPES[surface_of(chat)](status, answer.json())
        assert headers.items() <= dict(answer.headers).items()


async def test_a_model_that_is_not_there_is_a_clear_4xx(
    chat: str, server: httpx.AsyncClient, our_world: World
):
    body = {**says("hi"), "model": "meta/none"}
    answer = await server.post(chat, json=body, headers=our_world.bearer)
    assert answer.status_code == (404 if chat.startswith("/openai") else 400)
    assert_refused(chat, answer.status_code, answer.json())


# -- conversations ------------------------------------------------------------------------------
def stored(conversation_id: str) -> list[tuple[str, str, str]]:
    rows = Message.unscoped.filter(conversation_id=conversation_id).order_by("seq")
    return [(row.role, row.text, row.status) for row in rows]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_chat_with_the_header_new_begins_a_conversation(
    chat: str, stream: bool, server: httpx.AsyncClient, our_world: World
):
    answer = await server.post(
        chat,
        json=says("hi", stream=stream),
        headers=our_world.bearer | {"X-Conversation-Id": "new"},
    )
    conversation_id = answer.headers["x-conversation-id"]
    assert await in_thread(stored, conversation_id) == [
        ("user", "hi", "complete"),
        ("assistant", "you said hi", "complete"),
    ]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_chat_joins_the_conversation_that_its_header_names(
    chat: str, stream: bool, server: httpx.AsyncClient, our_world: World
):
    place = our_world.ids["conversation"]
    headers = our_world.bearer | {"X-Conversation-Id": place.upper()}
    answer = await server.post(chat, json=says("hi", stream=stream), headers=headers)
    assert answer.headers["x-conversation-id"] == place
    assert [text for _, text, _ in await in_thread(stored, place)] == [
        "hello",
        "hi",
        "you said hi",
    ]


@pytest.mark.parametrize(("header", "status"), [("yes", (400, 422)), (NOBODY, (404,))])
async def test_a_header_that_names_no_conversation_is_refused_before_the_model_is_asked(
    chat: str,
    header: str,
    status: tuple[int, ...],
    fake: type[Fake],
    server: httpx.AsyncClient,
    our_world: World,
):
    headers = our_world.bearer | {"X-Conversation-Id": header}
    answer = await server.post(chat, json=says("hi"), headers=headers)
    assert answer.status_code in status
    assert_refused(chat, answer.status_code, answer.json())
    assert fake.asked == []


async def test_no_model_answers_where_a_person_has_taken_over(
    chat: str, server: httpx.AsyncClient, our_world: World
):
    place = our_world.ids["conversation"]
    await in_thread(
        update_conversation, our_world.actor, UUID(place), metadata={"ai_disabled": True}
    )
    headers = our_world.bearer | {"X-Conversation-Id": place}
    answer = await server.post(chat, json=says("hi"), headers=headers)
    assert answer.status_code == 400
    assert_refused(chat, answer.status_code, answer.json())


# -- streams ------------------------------------------------------------------------------------
async def test_a_stream_is_chunks_and_then_done(
    chat: str, server: httpx.AsyncClient, our_world: World
):
    answer = await server.post(chat, json=says("hi", stream=True), headers=our_world.bearer)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["x-served-by"] == "builtin"
    *told, done = chunks(answer.text)
    assert done == "[DONE]"
    assert {(c["id"], c["object"]) for c in told} == {("chatcmpl-1", "chat.completion.chunk")}
    deltas = [c["choices"][0]["delta"] for c in told]
    assert deltas[0]["role"] == "assistant"
    assert "".join(delta.get("content") or "" for delta in deltas) == "you said hi"
    assert told[-1]["choices"][0]["finish_reason"] == "stop"
    assert "id:" not in answer.text.replace('"id":', "")


async def test_a_stream_says_what_it_used_when_asked(
    chat: str, server: httpx.AsyncClient, our_world: World
):
    body = says("hi", stream=True, stream_options={"include_usage": True})
    answer = await server.post(chat, json=body, headers=our_world.bearer)
    *told, last, done = chunks(answer.text)
    assert done == "[DONE]"
    assert all(chunk["usage"] is None for chunk in told)
    assert (last["choices"], last["usage"]["total_tokens"]) == ([], 7)


async def test_a_stream_that_breaks_off_ends_with_an_error_and_without_done(
    chat: str, server: httpx.AsyncClient, our_world: World
):
    headers = our_world.bearer | {"X-Conversation-Id": "new"}
    answer = await server.post(chat, json=says(BREAK_OFF, stream=True), headers=headers)
    assert answer.status_code == 200
    last = chunks(answer.text)[-1]
    assert last["error"]["message"] == "gone"
    [question, reply] = await in_thread(stored, answer.headers["x-conversation-id"])
    assert question == ("user", BREAK_OFF, "complete")
    assert reply == ("assistant", f"you said {BREAK_OFF}", "incomplete")


# -- what Telnyx adds ---------------------------------------------------------------------------
async def test_telnyx_chats_may_leave_out_the_model(server: httpx.AsyncClient, our_world: World):
    body = {"messages": [{"role": "user", "content": "hi"}]}
    answer = await server.post(CHATS[0], json=body, headers=our_world.bearer)
    assert answer.status_code == 200, answer.text


async def test_retrieval_from_an_unknown_bucket_or_at_the_wrong_vendor_is_refused_clearly(
    chat: str, server: httpx.AsyncClient, our_world: World
):
    tool = {"type": "retrieval", "retrieval": {"bucket_ids": ["b"]}}
    answer = await server.post(chat, json=says("hi", tools=[tool]), headers=our_world.bearer)
    assert answer.status_code == (400 if chat.startswith("/openai") else 422)
    assert "retrieval" in answer.text


# -- embeddings ---------------------------------------------------------------------------------
async def test_texts_become_vectors_in_their_order(
    embeddings: str, server: httpx.AsyncClient, our_world: World
):
    body = {"model": "builtin/minilm", "input": ["a", "b"]}
    answer = await server.post(embeddings, json=body, headers=our_world.bearer)
    assert answer.json() == {
        "object": "list",
        "model": "minilm",
        "data": [
            {"object": "embedding", "index": 0, "embedding": [0.5, -1.0, 0.0]},
            {"object": "embedding", "index": 1, "embedding": [0.5, -1.0, 1.0]},
        ],
        "usage": {"prompt_tokens": 2, "total_tokens": 2},
    }
    assert answer.headers["x-served-by"] == "builtin"


async def test_base64_is_little_endian_float32(
    embeddings: str, server: httpx.AsyncClient, our_world: World
):
    body = {"model": "builtin/minilm", "input": "a", "encoding_format": "base64"}
    answer = await server.post(embeddings, json=body, headers=our_world.bearer)
    raw = base64.b64decode(answer.json()["data"][0]["embedding"])
    assert array("f", raw).tolist() == [0.5, -1.0, 0.0]


# -- methods and paths --------------------------------------------------------------------------
async def test_a_wrong_method_on_a_live_path_is_405_in_the_surfaces_words(
    chat: str, server: httpx.AsyncClient, our_world: World
):
    answer = await server.get(chat, headers=our_world.bearer)
    assert answer.status_code == 405
    assert_refused(chat, answer.status_code, answer.json())


async def test_conversations_of_a_stream_are_kept_apart_by_organisation(
    chat: str, server: httpx.AsyncClient, our_world: World, their_world: World
):
    headers = their_world.bearer | {"X-Conversation-Id": "new"}
    answer = await server.post(chat, json=says("hi"), headers=headers)
    place = answer.headers["x-conversation-id"]
    owner = await in_thread(lambda: Conversation.unscoped.get(pk=place).organisation_id)
    assert owner == their_world.actor.organisation_id
