"""The Generative Language API's adapter against a real server that behaves, and misbehaves."""

from dataclasses import dataclass

import pytest

from common.secrets import Secret
from providers.gemini.adapter import Gemini
from providers.protocols import Account, ChatProvider, EmbeddingProvider, Target
from tests.fakes.faults import Events, Hang, Json
from tests.fakes.http import Call, Line
from tests.providers.gemini.replies import ANSWER, BUSY, TEXT, spell, stream
from vocabulary.chat import ChatRequest, Message, Started, Text
from vocabulary.embeddings import EmbeddingRequest
from vocabulary.errors import (
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamTimedOut,
    UpstreamUnavailable,
)
from vocabulary.streams import fold

GEMINI = Gemini()
HELLO = ChatRequest(model="m", messages=(Message(role="user", parts=(Text(text="Hello"),)),))


@dataclass(frozen=True)
class Cut:
    """The first bytes of an answer, and then no connection."""

    text: bytes

    async def play(self, call: Call, line: Line) -> None:
        line.start_stream()
        line.send(self.text)
        line.reset()


@dataclass(frozen=True)
class Embed:
    """A vector for each text: how long it is."""

    async def play(self, call: Call, line: Line) -> None:
        texts = [one["content"]["parts"][0]["text"] for one in call.json["requests"]]
        counts = {"promptTokenCount": len(texts)}
        vectors = [{"values": [len(text)]} for text in texts]
        line.reply_json({"embeddings": vectors, "usageMetadata": counts})


def target_of(upstream, **options):
    account = Account(
        name="acme",
        kind="gemini",
        base_url=upstream.url,
        api_key=Secret("AIza"),
        options=options,
    )
    return Target(account=account, model="gemini-2.5-flash")


async def complete(upstream, **options):
    return await GEMINI.complete(HELLO, target_of(upstream, **options))


async def stream_(upstream, **options):
    return [event async for event in GEMINI.stream(HELLO, target_of(upstream, **options))]


def test_it_chats_and_embeds():
    assert isinstance(GEMINI, ChatProvider)
    assert isinstance(GEMINI, EmbeddingProvider)


async def test_a_whole_answer(upstream):
    upstream.script(Json(TEXT))
    response = await complete(upstream)
    assert (response.text, response.served_by) == ("Hello there.", "acme")
    assert response.created > 0
    (call,) = upstream.calls
    assert call.path == "/v1beta/models/gemini-2.5-flash:generateContent"
    assert call.headers["x-goog-api-key"] == "AIza"


async def test_a_stream_folds_to_the_whole_answer(upstream):
    upstream.script(Json(ANSWER), Events(spell(stream(ANSWER)).decode()))
    whole = await complete(upstream)
    events = await stream_(upstream)
    assert isinstance(events[0], Started)
    assert fold(events).choices == whole.choices
    assert fold(events).usage == whole.usage
    assert upstream.calls[1].path.endswith(":streamGenerateContent?alt=sse")


@pytest.mark.parametrize("ask", [complete, stream_])
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, UpstreamRefused),
        (403, UpstreamRefused),
        (404, UpstreamRefused),
        (500, UpstreamUnavailable),
        (503, UpstreamUnavailable),
        (504, UpstreamTimedOut),
    ],
)
async def test_each_status_has_a_meaning(upstream, ask, status, error):
    told = {"error": {"code": status, "message": "contents is not specified", "status": "X"}}
    upstream.script(Json(told, status))
    with pytest.raises(error) as failure:
        await ask(upstream)
    assert (failure.value.status, failure.value.provider) == (status, "acme")
    assert ("contents" in failure.value.message) == (status != 403)


@pytest.mark.parametrize("ask", [complete, stream_])
async def test_who_has_too_much_to_do_says_when_to_come_again(upstream, ask):
    upstream.script(Json(BUSY, 429))
    with pytest.raises(UpstreamRateLimited, match="quota") as failure:
        await ask(upstream)
    assert failure.value.retry_after == 34.5


BROKEN = [
    Cut(spell(stream(TEXT)[:2])),
    Events(spell(stream(TEXT)[:2]).decode()),
    Events("data: {nonsense\n\n"),
    Events(""),
]


@pytest.mark.parametrize("fault", BROKEN, ids=["reset", "truncated", "malformed", "empty"])
async def test_a_broken_stream_is_no_answer(upstream, fault):
    upstream.script(fault)
    with pytest.raises(UpstreamUnavailable) as failure:
        await stream_(upstream)
    assert failure.value.provider == "acme"


async def test_an_error_told_inside_a_stream_comes_after_its_first_words(upstream):
    upstream.script(Events(spell([*stream(TEXT)[:2], BUSY]).decode()))
    events = []
    with pytest.raises(UpstreamRateLimited, match="quota"):
        async for event in GEMINI.stream(HELLO, target_of(upstream)):
            events.append(event)
    assert isinstance(events[0], Started)


async def test_no_upstream_can_stretch_the_deadline(upstream):
    upstream.script(Hang())
    with pytest.raises(UpstreamTimedOut):
        await complete(upstream, timeout=0.2)


async def test_many_texts_are_embedded_in_several_calls(upstream):
    upstream.script(Embed(), Embed())
    inputs = tuple("x" * n for n in range(1, 131))
    request = EmbeddingRequest(model="m", inputs=inputs)
    response = await GEMINI.embed(request, target_of(upstream))
    assert response.vectors == tuple((n,) for n in range(1, 131))
    assert (response.usage.prompt_tokens, response.served_by) == (130, "acme")
    assert [len(body["requests"]) for body in upstream.bodies] == [100, 30]


async def test_a_missing_vector_is_an_error(upstream):
    upstream.script(Json({"embeddings": [{"values": [1]}]}))
    request = EmbeddingRequest(model="m", inputs=("a", "b"))
    with pytest.raises(UpstreamUnavailable, match="too few"):
        await GEMINI.embed(request, target_of(upstream))
