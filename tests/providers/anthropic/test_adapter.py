"""The Messages API's adapter against a real server that behaves, and misbehaves, as told."""

from dataclasses import dataclass

import pytest

from common.secrets import Secret
from providers.anthropic.adapter import Anthropic
from providers.protocols import Account, ChatProvider, EmbeddingProvider, Target
from tests.fakes.faults import Events, Hang, Json
from tests.fakes.http import Call, Line
from tests.providers.anthropic.replies import MESSAGE, OVERLOADED, TEXT, spell, stream
from vocabulary.chat import ChatRequest, Message, Started, Text
from vocabulary.errors import (
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamTimedOut,
    UpstreamUnavailable,
)
from vocabulary.streams import fold

ANTHROPIC = Anthropic()
HELLO = ChatRequest(model="m", messages=(Message(role="user", parts=(Text(text="Hello"),)),))


@dataclass(frozen=True)
class Late:
    """An error with a header."""

    status: int

    async def play(self, call: Call, line: Line) -> None:
        line.reply_json(OVERLOADED, self.status, {"retry-after": "7"})


@dataclass(frozen=True)
class Cut:
    """The first bytes of an answer, and then no connection."""

    text: bytes

    async def play(self, call: Call, line: Line) -> None:
        line.start_stream()
        line.send(self.text)
        line.reset()


def target_of(upstream, **options):
    account = Account(
        name="acme",
        kind="anthropic",
        base_url=upstream.url,
        api_key=Secret("sk-ant"),
        options=options,
    )
    return Target(account=account, model="claude-sonnet-4-5")


async def complete(upstream, **options):
    return await ANTHROPIC.complete(HELLO, target_of(upstream, **options))


async def stream_(upstream, **options):
    return [event async for event in ANTHROPIC.stream(HELLO, target_of(upstream, **options))]


def test_it_chats_and_does_not_embed():
    assert isinstance(ANTHROPIC, ChatProvider)
    assert not isinstance(ANTHROPIC, EmbeddingProvider)


async def test_a_whole_answer(upstream):
    upstream.script(Json(TEXT))
    response = await complete(upstream)
    assert (response.text, response.served_by) == ("Hello there.", "acme")
    assert response.created > 0
    (call,) = upstream.calls
    assert call.path == "/v1/messages"
    assert call.headers["x-api-key"] == "sk-ant"
    assert call.headers["anthropic-version"] == "2023-06-01"


async def test_a_stream_folds_to_the_whole_answer(upstream):
    upstream.script(Json(MESSAGE), Events(spell(stream(MESSAGE)).decode()))
    whole = await complete(upstream)
    events = await stream_(upstream)
    assert isinstance(events[0], Started)
    assert fold(events).choices == whole.choices
    assert fold(events).usage == whole.usage
    assert [body.get("stream") for body in upstream.bodies] == [None, True]


@pytest.mark.parametrize("ask", [complete, stream_])
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, UpstreamRefused),
        (401, UpstreamRefused),
        (404, UpstreamRefused),
        (413, UpstreamRefused),
        (500, UpstreamUnavailable),
        (504, UpstreamTimedOut),
    ],
)
async def test_each_status_has_a_meaning(upstream, ask, status, error):
    told = {"type": "error", "error": {"type": "x", "message": "max_tokens: too large"}}
    upstream.script(Json(told, status))
    with pytest.raises(error) as failure:
        await ask(upstream)
    assert (failure.value.status, failure.value.provider) == (status, "acme")
    assert ("max_tokens" in failure.value.message) == (status != 401)


@pytest.mark.parametrize("ask", [complete, stream_])
@pytest.mark.parametrize("status", [429, 529])
async def test_who_has_too_much_to_do_says_when_to_come_again(upstream, ask, status):
    upstream.script(Late(status))
    with pytest.raises(UpstreamRateLimited, match="Overloaded") as failure:
        await ask(upstream)
    assert (failure.value.status, failure.value.retry_after) == (status, 7.0)


BROKEN = [
    Cut(spell(stream(TEXT)[:4])),
    Events(spell(stream(TEXT)[:4]).decode()),
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
    upstream.script(Events(spell([*stream(TEXT)[:4], OVERLOADED]).decode()))
    events = []
    with pytest.raises(UpstreamRateLimited, match="Overloaded"):
        async for event in ANTHROPIC.stream(HELLO, target_of(upstream)):
            events.append(event)
    assert isinstance(events[0], Started)


async def test_an_answer_given_whole_to_a_stream_is_taken(upstream):
    upstream.script(Json(TEXT))
    assert fold(await stream_(upstream)).text == "Hello there."


async def test_no_upstream_can_stretch_the_deadline(upstream):
    upstream.script(Hang())
    with pytest.raises(UpstreamTimedOut):
        await complete(upstream, timeout=0.2)
