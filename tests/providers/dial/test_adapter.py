"""The adapter of an AI DIAL core against a real server."""

from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest

from common.secrets import Secret
from providers.dial.adapter import Dial
from providers.protocols import Account, ChatProvider, EmbeddingProvider, Target
from tests.fakes.answers import DEFAULT_TEXT, embed
from tests.fakes.faults import CallTool, Events, Json, StreamError, Truncate
from tests.fakes.http import Call, Line
from tests.fakes.provider import FakeProvider
from vocabulary.chat import ChatRequest, Finished, Message, Metered, Text
from vocabulary.embeddings import EmbeddingRequest
from vocabulary.errors import UpstreamRateLimited, UpstreamRefused, UpstreamUnavailable
from vocabulary.streams import explode, fold

DIAL = Dial()
HELLO = ChatRequest(
    model="core/gpt", messages=(Message(role="user", parts=(Text(text="Draw it."),)),)
)
CONTENT = {
    "attachments": [
        {"type": "image/png", "title": "it", "url": "files/B/it.png"},
        {"type": "text/plain", "data": "caption"},
    ],
    "stages": [{"name": "Thinking", "content": "hm, yes", "status": "completed"}],
    "state": {"turn": 2},
}


def target(upstream: FakeProvider, path: str = "", **options: Any) -> Target:
    account = Account(
        name="core",
        kind="dial",
        base_url=f"{upstream.url}{path}",
        api_key=Secret("k-1"),
        options=options,
    )
    return Target(account=account, model="gpt 4")


async def complete(upstream, request=HELLO, **given):
    return await DIAL.complete(request, target(upstream, **given))


async def stream(upstream, request=HELLO, **given):
    return [event async for event in DIAL.stream(request, target(upstream, **given))]


@dataclass(frozen=True)
class Bare:
    """Answers in bare text, as a core does."""

    text: str
    status: int
    kind: str = "text/plain"

    async def play(self, call: Call, line: Line) -> None:
        line.reply(self.text.encode(), self.status, {"Content-Type": self.kind})


def events(*deltas: dict[str, Any]) -> Events:
    chunks = [
        {"id": "r", "created": 1, "object": "chat.completion.chunk", "model": "gpt", "choices": [c]}
        for c in deltas
    ]
    told = "".join(f"data: {orjson.dumps(chunk).decode()}\n\n" for chunk in chunks)
    return Events(f"{told}data: [DONE]\n\n")


def test_it_chats_and_embeds():
    assert isinstance(DIAL, ChatProvider)
    assert isinstance(DIAL, EmbeddingProvider)


async def test_a_whole_answer_and_a_stream_say_the_same(upstream):
    whole = await complete(upstream)
    assert (whole.text, whole.served_by) == (DEFAULT_TEXT, "core")
    assert fold(await stream(upstream)).text == whole.text


@pytest.mark.parametrize("path", ["", "/", "/openai"])
async def test_the_model_is_a_deployment_in_the_path(upstream, path):
    await complete(upstream, path=path)
    call = upstream.calls[0]
    assert call.path == ("/openai/deployments/gpt%204/chat/completions?api-version=2024-10-21")
    assert call.headers["api-key"] == "k-1"
    assert "authorization" not in call.headers
    assert (call.json["model"], call.json["stream"]) == ("gpt 4", False)


async def test_a_token_goes_in_its_own_header(upstream):
    await complete(upstream, credential="token", api_version="v")
    call = upstream.calls[0]
    assert call.headers["authorization"] == "Bearer k-1"
    assert "api-key" not in call.headers
    assert call.path.endswith("?api-version=v")


# -- custom content -----------------------------------------------------------------------------
async def test_custom_content_goes_up_with_its_message(upstream):
    file = {"custom_content": {"attachments": [{"url": "files/B/a.txt"}]}}
    request = replace(
        HELLO,
        messages=(*HELLO.messages, Message(role="user", parts=(), extras={"dial": file})),
        extras={"dial": {"custom_fields": {"configuration": {"depth": 2}}}},
        metadata={"stays": "here"},
    )
    await complete(upstream, request)
    body = upstream.bodies[0]
    assert body["messages"] == [
        {"role": "user", "content": "Draw it."},
        {"role": "user", "content": "", **file},
    ]
    assert body["custom_fields"] == {"configuration": {"depth": 2}}
    assert "metadata" not in body


async def test_custom_content_comes_down_with_its_message(upstream):
    message = {"role": "assistant", "content": "Here.", "custom_content": CONTENT}
    upstream.script(
        Json({"id": "r", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
    )
    response = await complete(upstream)
    assert response.choices[0].message.extras == {"dial": {"custom_content": CONTENT}}
    assert fold(explode(response)) == response


async def test_custom_content_told_in_pieces_is_the_same_as_told_at_once(upstream):
    stage = {"index": 0, "name": "Thinking"}
    late = {"index": 1, "type": "text/plain", "data": "cap"}
    upstream.script(
        events(
            {"index": 0, "delta": {"role": "assistant", "content": ""}},
            {"index": 0, "delta": {"custom_content": {"stages": [stage]}}},
            _delta({"stages": [{"index": 0, "content": "hm, "}], "state": {"turn": 1}}),
            {"index": 0, "delta": {"content": "Here."}},
            _delta({"attachments": [late]}),
            _delta({"attachments": [{"index": 0, **CONTENT["attachments"][0]}]}),
            _delta({"attachments": [{"index": 1, "data": "tion"}], "state": {"turn": 2}}),
            _delta({"stages": [{"index": 0, "content": "yes", "status": "completed"}]}),
            {"index": 0, "delta": {"custom_content": None}, "finish_reason": "stop"},
        )
    )
    told = await stream(upstream)
    (choice,) = fold(told).choices
    assert choice.message.text == "Here."
    assert choice.message.extras == {"dial": {"custom_content": CONTENT}}
    assert [event for event in told if isinstance(event, Finished)] == [
        Finished(finish="stop", extras=choice.message.extras)
    ]


def _delta(content: dict[str, Any]) -> dict[str, Any]:
    return {"index": 0, "delta": {"custom_content": content}}


async def test_usage_is_told_last_also_where_it_comes_with_the_finish(upstream):
    chunk = {
        "choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
    }
    upstream.script(Events(f"data: {orjson.dumps(chunk).decode()}\n\ndata: [DONE]\n\n"))
    *_, end, last = await stream(upstream)
    assert isinstance(end, Finished)
    assert isinstance(last, Metered) and last.usage.total_tokens == 3


@pytest.mark.parametrize("content", [7, {"stages": {"index": 0}}, "x"])
async def test_odd_custom_content_is_a_misshapen_answer_or_kept_as_it_is(upstream, content):
    upstream.script(events(_delta(content), {"index": 0, "delta": {}, "finish_reason": "stop"}))
    if isinstance(content, dict):
        assert fold(await stream(upstream)).choices[0].message.extras["dial"] == {
            "custom_content": {"stages": {"index": 0}}
        }
    else:
        with pytest.raises(UpstreamUnavailable, match="misshapen"):
            await stream(upstream)


async def test_tool_calls_come_through_whole_and_streamed(upstream):
    upstream.script(CallTool("lookup", '{"id": 7}'), CallTool("lookup", '{"id": 7}'))
    for response in (await complete(upstream), fold(await stream(upstream))):
        (call,) = response.choices[0].message.tool_calls
        assert (call.name, call.arguments) == ("lookup", '{"id": 7}')


# -- bad days -----------------------------------------------------------------------------------
async def test_a_broken_stream_is_an_error(upstream):
    upstream.script(Truncate(), StreamError("the deployment crashed"))
    with pytest.raises(UpstreamUnavailable, match="broke off"):
        await stream(upstream)
    with pytest.raises(UpstreamUnavailable, match="the deployment crashed"):
        await stream(upstream)


ERRORS = [
    (Bare("Unknown deployment 'gpt'", 404), UpstreamRefused, "^Unknown deployment 'gpt'$"),
    (Bare("<html>no</html>", 502, "text/html"), UpstreamUnavailable, "status 502"),
    (Bare("Unknown api key k-1", 401), UpstreamRefused, "refused the account's key"),
    (
        Json({"error": {"message": "Hit token rate limit.", "code": "429"}}, 429),
        UpstreamRateLimited,
        "Hit token rate limit",
    ),
    (
        Json({"error": {"message": "E_17", "display_message": "Too long a text."}}, 400),
        UpstreamRefused,
        "^Too long a text.$",
    ),
]


@pytest.mark.parametrize("ask", [complete, stream])
@pytest.mark.parametrize(("step", "error", "words"), ERRORS)
async def test_errors_in_text_and_in_json_are_read(upstream, ask, step, error, words):
    upstream.script(step)
    with pytest.raises(error, match=words) as failure:
        await ask(upstream)
    assert (failure.value.status, failure.value.provider) == (step.status, "core")
    assert str(failure.value) == failure.value.message


async def test_embeddings_name_their_deployment_too(upstream):
    request = EmbeddingRequest(
        model="m", inputs=("a",), dimensions=2, extras={"dial": {"custom_input": ["a"]}}
    )
    response = await DIAL.embed(request, target(upstream))
    assert response.vectors == (tuple(embed("a", 2)),)
    assert upstream.calls[0].path == (
        "/openai/deployments/gpt%204/embeddings?api-version=2024-10-21"
    )
    assert upstream.bodies[0]["custom_input"] == ["a"]
