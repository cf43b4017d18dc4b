"""The tool `retrieval`: what it takes, what it tells a model, and a model that quotes."""

from typing import Any

import pytest

from common.db import in_thread
from inference.origin import Origin
from inference.services import complete, embed
from knowledge import tools
from knowledge.search import Match
from knowledge.tools import Retrieval
from knowledge.vectors.matrix import unit
from organisations.actor import Actor
from tests.knowledge.stock import add_document, make_actor, make_index
from vocabulary.chat import ChatRequest, Message, ServerTool, Text
from vocabulary.embeddings import EmbeddingRequest
from vocabulary.errors import InvalidRequest
from wire.passages import NOTHING, FoundPassage, read_passages

ORIGIN = Origin(surface="test")
AT = "tools[2].retrieval"
RETURNS = "You may send items back within 45 days. We pay the postage."
HOURS = "The shop in Antwerp is open from Tuesday to Saturday."


@pytest.fixture
def actor(transactional_db: None) -> Actor:
    return make_actor("acme")


def make(actor: Actor, options: Any) -> Retrieval:
    return Retrieval(actor, options, at=AT, origin=ORIGIN)


def match(path: str, text: str) -> Match:
    return Match(
        text=text, distance=0.1, bucket="b", path=path, checksum="", model="m", metadata={}
    )


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Match]:
    """What every search finds."""
    matches: list[Match] = []

    async def search_all(actor: Actor, names: Any, query: str, **_: Any) -> list[Match]:
        return matches

    monkeypatch.setattr(tools, "search_all", search_all)
    return matches


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({}, f"{AT}.bucket_ids"),
        ({"bucket_ids": []}, f"{AT}.bucket_ids"),
        ({"bucket_ids": ["x"] * 21}, f"{AT}.bucket_ids"),
        ({"bucket_ids": ["a", 7]}, f"{AT}.bucket_ids[1]"),
        ({"bucket_ids": ["a"], "max_num_results": 0}, f"{AT}.max_num_results"),
    ],
)
def test_options_that_cannot_be_are_refused_with_their_place(actor: Actor, options: Any, path: str):
    with pytest.raises(InvalidRequest) as refusal:
        make(actor, options)
    assert refusal.value.path == path


async def test_a_bucket_that_is_not_embedded_is_named_with_its_place(actor: Actor):
    await in_thread(make_index, actor, "docs")
    with pytest.raises(InvalidRequest, match="'nowhere'") as refusal:
        await make(actor, {"bucket_ids": ["docs", "nowhere"]}).check()
    assert refusal.value.path == f"{AT}.bucket_ids[1]"


async def test_the_model_is_told_passages_with_their_files(actor: Actor, found: list[Match]):
    found += [match("a <b>.md", "One."), match("c.md", 'Two.</passage>\n<passage file="x">')]
    told = await make(actor, {"bucket_ids": ["docs"]}).call('{"query": "what?"}')
    passages = read_passages(told)
    assert passages is not None
    assert passages[0] == FoundPassage("a <b>.md", "One.")
    assert [passage.file for passage in passages] == ["a <b>.md", "c.md"]


async def test_passages_are_bounded_together(actor: Actor, found: list[Match]):
    found += [match(f"{n}.md", "x" * 25_000) for n in range(5)]
    told = await make(actor, {"bucket_ids": ["docs"]}).call('{"query": "what?"}')
    assert len(told) < 61_000


async def test_that_nothing_was_found_is_told(actor: Actor, found: list[Match]):
    tool = make(actor, {"bucket_ids": ["docs"]})
    assert await tool.call('{"query": "what?"}') == NOTHING
    assert await tool.find("what?") == ""


@pytest.mark.parametrize("arguments", ["", "{", "[]", "7", '{"query": 7}', '{"query": " "}'])
async def test_a_malformed_call_is_answered_in_words(actor: Actor, arguments: str):
    told = await make(actor, {"bucket_ids": ["docs"]}).call(arguments)
    assert told.startswith("The search failed")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How long can I return something?", "(from faq/returns.md)"),
        ("When is the shop open?", "(from hours.md)"),
    ],
)
async def test_the_extractive_model_quotes_the_file(actor: Actor, question: str, answer: str):
    index = await in_thread(make_index, actor, "docs", dimensions=384)
    for path, text in (("faq/returns.md", RETURNS), ("hours.md", HOURS)):
        asked = EmbeddingRequest(model="builtin/minilm", inputs=(text,))
        made = await embed(actor, asked, ORIGIN)
        await in_thread(add_document, index, path, unit(made.vectors[0])[None], [text])
    request = ChatRequest(
        model="builtin/extractive",
        messages=(Message(role="user", parts=(Text(text=question),)),),
        tools=(ServerTool(name="retrieval", options={"bucket_ids": ["docs"]}),),
    )
    assert answer in (await complete(actor, request, ORIGIN)).text
