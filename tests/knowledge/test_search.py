"""Search of a bucket: what is asked of whom, what comes back, and what is refused."""

from typing import Any

import numpy as np
import pytest

from common.db import in_thread
from files.services import put_bytes
from inference.origin import Origin
from knowledge import search as searching
from knowledge.models import Document, IndexState
from knowledge.search import MOST_QUERY, search, search_all
from organisations.actor import Actor
from tests.knowledge.stock import add_document, make_actor, make_index
from usage.models import UsageRecord
from vocabulary.chat import Usage
from vocabulary.embeddings import EmbeddingRequest, EmbeddingResponse
from vocabulary.errors import Conflict, InvalidRequest, NotFound, NotInstalled

ORIGIN = Origin(surface="test", request_id="req-1")
NORTH, EAST, SOUTH = np.array([0, 1.0]), np.array([1.0, 0]), np.array([0, -1.0])


class Compass:
    """Embeds everything as north, in two dimensions; `missing` ones are not installed."""

    missing = False
    asked: list[EmbeddingRequest] = []

    async def embed(self, request: EmbeddingRequest, target: Any) -> EmbeddingResponse:
        self.asked.append(request)
        if self.missing:
            raise NotInstalled("builtin/minilm is not installed")
        return EmbeddingResponse(
            model=target.name,
            vectors=tuple((0.0, 2.0) for _ in request.inputs),
            usage=Usage(prompt_tokens=3),
        )


@pytest.fixture
def compass(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[Compass]:
    settings.PROVIDERS = {"builtin": f"{__name__}.Compass"}
    monkeypatch.setattr(Compass, "missing", False)
    Compass.asked.clear()
    return Compass


@pytest.fixture
def actor(transactional_db: None, compass: type[Compass]) -> Actor:
    """One whose bucket `docs` has three chunks in two files."""
    actor = make_actor("acme")
    index = make_index(actor, "docs", dimensions=2)
    add_document(index, "a/north.txt", np.array([NORTH]), ["to the north"], metadata={"h": "N"})
    add_document(index, "b.txt", np.array([SOUTH, EAST]), ["southern winds", "an eastern wind"])
    return actor


async def test_the_nearest_chunk_comes_first_with_what_is_known_of_it(actor: Actor):
    found = await search(actor, "docs", "where?", origin=ORIGIN)
    assert [match.text for match in found] == [
        "to the north",
        "an eastern wind",
        "southern winds",
    ]
    assert [match.distance for match in found] == pytest.approx([0, 1, 2])
    assert [match.certainty for match in found] == pytest.approx([1, 0.5, 0])
    best = found[0]
    assert (best.bucket, best.path, best.model) == ("docs", "a/north.txt", "builtin/minilm")
    assert (best.checksum, best.metadata) == ("c" * 64, {"h": "N"})


async def test_no_more_than_asked_for_are_found(actor: Actor):
    assert len(await search(actor, "docs", "where?", limit=2, origin=ORIGIN)) == 2


async def test_the_embedding_of_the_question_is_counted(actor: Actor):
    await search(actor, "docs", "where?", origin=ORIGIN)
    entry = await in_thread(UsageRecord.unscoped.get)
    assert (entry.purpose, entry.prompt_tokens, entry.request_id) == ("embedding", 3, "req-1")


async def test_several_buckets_are_searched_with_one_embedding(
    actor: Actor, compass: type[Compass]
):
    more = await in_thread(make_index, actor, "more", dimensions=2)
    await in_thread(add_document, more, "c.txt", np.array([[0.6, 0.8]]), ["half way"])
    found = await search_all(actor, ["docs", "more"], "where?", limit=2, origin=ORIGIN)
    assert [(match.bucket, match.text) for match in found] == [
        ("docs", "to the north"),
        ("more", "half way"),
    ]
    assert len(compass.asked) == 1


async def test_a_bucket_without_an_index_is_not_found(actor: Actor):
    with pytest.raises(NotFound, match="'nowhere'"):
        await search(actor, "nowhere", "where?", origin=ORIGIN)


async def test_an_index_that_is_being_built_is_not_searched(actor: Actor):
    index = await in_thread(make_index, actor, "new", dimensions=2)
    index.state = IndexState.BUILDING
    await in_thread(index.save)
    with pytest.raises(NotFound):
        await search(actor, "new", "where?", origin=ORIGIN)


async def test_a_bucket_of_others_is_not_found(actor: Actor):
    with pytest.raises(NotFound):
        await search(await in_thread(make_actor, "other"), "docs", "where?", origin=ORIGIN)


async def test_an_index_with_nothing_in_it_has_no_matches(actor: Actor):
    index = await in_thread(make_index, actor, "empty")
    index.dimensions = None
    await in_thread(index.save)
    assert await search(actor, "empty", "where?", origin=ORIGIN) == []


@pytest.mark.parametrize("query", ["", " \n", "x" * (MOST_QUERY + 1)])
async def test_a_query_that_asks_nothing_or_too_much_is_refused(actor: Actor, query: str):
    with pytest.raises(InvalidRequest) as refusal:
        await search(actor, "docs", query, origin=ORIGIN)
    assert refusal.value.path == "query"


async def test_vectors_of_another_length_than_the_indexs_are_refused_in_words(actor: Actor):
    await in_thread(make_index, actor, "long", dimensions=3)
    with pytest.raises(Conflict, match="embed 'long' again"):
        await search(actor, "long", "where?", origin=ORIGIN)


async def test_a_chunk_that_goes_during_the_search_is_made_up_for(
    actor: Actor, monkeypatch: pytest.MonkeyPatch
):
    nearest = searching._find_nearest

    async def and_then_deleted(*asked: Any) -> Any:
        monkeypatch.setattr(searching, "_find_nearest", nearest)
        hits = await nearest(*asked)
        document = await in_thread(Document.unscoped.get, path="a/north.txt")
        index = await in_thread(lambda: document.index)
        await in_thread(document.delete)
        await in_thread(add_document, index, "a/north.txt", np.array([NORTH]), ["again"])
        return hits

    monkeypatch.setattr(searching, "_find_nearest", and_then_deleted)
    found = await search(actor, "docs", "where?", limit=1, origin=ORIGIN)
    assert [match.text for match in found] == ["again"]


# -- without the model --------------------------------------------------------------------------
async def test_without_the_model_words_are_searched_and_every_match_says_so(
    actor: Actor, compass: type[Compass]
):
    compass.missing = True
    found = await search(actor, "docs", "Which winds blow from the east?", origin=ORIGIN)
    assert [match.text for match in found] == ["an eastern wind", "southern winds"]
    assert {match.model for match in found} == {"keywords"}
    assert found[0].distance < found[1].distance <= 1


async def test_without_the_model_common_words_find_nothing(actor: Actor, compass: type[Compass]):
    compass.missing = True
    assert await search(actor, "docs", "What is this?", origin=ORIGIN) == []


async def test_a_page_that_was_crawled_is_found_with_its_address(actor: Actor):
    page = "https://shop.example/north"
    await in_thread(
        put_bytes, actor, "docs", "a/north.txt", b"to the north", metadata={"source-url": page}
    )
    found = await search(actor, "docs", "where?", origin=ORIGIN)
    assert [match.url for match in found] == [page, "", ""]
