"""Buckets that are searched by a request, and by a model in a chat."""

import json
from typing import Any

import httpx
import pytest

from common.db import in_thread
from inference.origin import Origin
from inference.services import embed
from knowledge.vectors.matrix import unit
from tests.knowledge.stock import add_document, make_index
from tests.surfaces.world import World
from vocabulary.embeddings import EmbeddingRequest

SEARCH = "/telnyx/v2/ai/embeddings/similarity-search"
CHAT = "/telnyx/v2/ai/chat/completions"
TEXT = "You may send items back within 45 days. We pay the postage."
ASKED = {"messages": [{"role": "user", "content": "How long can I return something?"}]}
RETRIEVAL = {"type": "retrieval", "retrieval": {"bucket_ids": ["manuals"], "max_num_results": 2}}


@pytest.fixture
async def world(our_world: World) -> World:
    """Its bucket `manuals` is embedded."""
    index = await in_thread(make_index, our_world.actor, "manuals", dimensions=384)
    request = EmbeddingRequest(model="builtin/minilm", inputs=(TEXT,))
    made = await embed(our_world.actor, request, Origin())
    vectors = unit(made.vectors[0])[None]
    path = "faq/how to return.md"
    await in_thread(add_document, index, path, vectors, [TEXT], metadata={"heading": "Returns"})
    return our_world


async def post(server: httpx.AsyncClient, world: World, path: str, body: Any) -> httpx.Response:
    return await server.post(path, json=body, headers=world.bearer)


async def test_chunks_are_told_with_all_that_is_documented(
    server: httpx.AsyncClient, world: World, settings: Any
):
    settings.PUBLIC_URL = "https://ai.example.com/"
    asked = {"bucket_name": "manuals", "query": "returning goods", "num_of_docs": 1.0}
    answer = await post(server, world, SEARCH, asked)
    [found] = answer.json()["data"]
    assert found["document_chunk"] == TEXT
    assert 0 < found["distance"] < 1
    assert found["metadata"] == {
        "source": "https://ai.example.com/telnyx/v2/storage/buckets/manuals/faq/"
        "how%20to%20return.md",
        "checksum": "c" * 64,
        "embedding": "builtin/minilm",
        "filename": "faq/how to return.md",
        "certainty": pytest.approx(1 - found["distance"] / 2),
        "loader_metadata": {"heading": "Returns"},
    }


@pytest.mark.parametrize("change", [{"num_of_docs": 0}, {"num_of_docs": 101}, {"query": " "}])
async def test_what_cannot_be_asked_is_refused(
    server: httpx.AsyncClient, our_world: World, change: Any
):
    asked = {"bucket_name": "manuals", "query": "x", **change}
    assert (await post(server, our_world, SEARCH, asked)).status_code == 422


@pytest.mark.parametrize("stream", [False, True])
async def test_a_chat_quotes_the_files_of_a_bucket(
    server: httpx.AsyncClient, world: World, stream: bool
):
    body = {**ASKED, "model": "builtin/extractive", "tools": [RETRIEVAL], "stream": stream}
    answer = await post(server, world, CHAT, body)
    assert answer.status_code == 200
    assert "45" in answer.text and "return.md" in answer.text


async def test_a_bucket_that_is_not_embedded_is_named_with_its_place(
    server: httpx.AsyncClient, world: World
):
    tool = {"type": "retrieval", "retrieval": {"bucket_ids": ["manuals", "nowhere"]}}
    for stream in (False, True):
        body = {**ASKED, "model": "builtin/extractive", "tools": [tool], "stream": stream}
        answer = await post(server, world, CHAT, body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["source"] == {
            "pointer": "/tools/0/retrieval/bucket_ids/1"
        }


async def test_only_the_words_of_a_turn_are_stored(server: httpx.AsyncClient, world: World):
    body = {**ASKED, "model": "builtin/extractive", "tools": [RETRIEVAL]}
    headers = {**world.bearer, "x-conversation-id": "new"}
    answer = await server.post(CHAT, json=body, headers=headers)
    place = answer.headers["x-conversation-id"]
    listed = await server.get(f"/telnyx/v2/ai/conversations/{place}/messages", headers=world.bearer)
    said = [(message["role"], message["text"]) for message in listed.json()["data"]]
    assert sorted(role for role, _ in said) == ["assistant", "user"]
    assert "passage" not in json.dumps(said)


async def test_where_the_vendor_has_no_such_tool_it_is_refused(
    server: httpx.AsyncClient, world: World
):
    body = {**ASKED, "model": "builtin/extractive", "tools": [RETRIEVAL]}
    answer = await post(server, world, "/openai/v1/chat/completions", body)
    assert answer.status_code == 400 and "retrieval" in answer.text
