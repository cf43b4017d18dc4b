"""The OpenAI adapter against a real server that behaves, and misbehaves, as told."""

import base64
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from common.secrets import Secret
from providers.openai import codec
from providers.openai.adapter import OpenAI
from providers.protocols import Account, ChatProvider, EmbeddingProvider, Target
from tests.fakes.answers import DEFAULT_TEXT, embed
from tests.fakes.faults import (
    CallTool,
    Compressed,
    Drip,
    Events,
    Hang,
    Json,
    Malformed,
    NoChoices,
    Oversized,
    Reset,
    Say,
    Status,
    StreamError,
    Truncate,
)
from tests.fakes.provider import FakeProvider
from vocabulary.chat import (
    ChatRequest,
    Finished,
    Message,
    Metered,
    PartGrew,
    Sampling,
    Started,
    Text,
    ToolCall,
)
from vocabulary.embeddings import EmbeddingRequest
from vocabulary.errors import (
    AddressRefused,
    InvalidRequest,
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamTimedOut,
    UpstreamUnavailable,
)
from vocabulary.streams import fold

OPENAI = OpenAI()
HELLO = ChatRequest(
    model="acme/mock-1", messages=(Message(role="user", parts=(Text(text="Where is it?"),)),)
)


def target_of(upstream, **account):
    given = {"name": "acme", "kind": "openai", "base_url": upstream.base_url} | account
    return Target(account=Account(**given), model="mock-1")


async def complete(upstream, request=HELLO, **account):
    return await OPENAI.complete(request, target_of(upstream, **account))


async def stream(upstream, request=HELLO, **account):
    return [event async for event in OPENAI.stream(request, target_of(upstream, **account))]


def test_it_chats_and_embeds():
    assert isinstance(OPENAI, ChatProvider)
    assert isinstance(OPENAI, EmbeddingProvider)


# -- good days ----------------------------------------------------------------------------------
async def test_a_whole_answer(upstream):
    response = await complete(upstream)
    assert response.text == DEFAULT_TEXT
    assert response.served_by == "acme"
    assert response.model == "mock-1"
    assert response.usage and response.usage.total_tokens > 0


async def test_the_upstream_is_asked_by_its_own_model_id_and_never_for_metadata(upstream):
    await complete(upstream, replace(HELLO, metadata={"k": "v"}))
    assert upstream.bodies == [
        {"model": "mock-1", "messages": [{"role": "user", "content": "Where is it?"}]}
    ]


async def test_a_stream_folds_to_the_whole_answer(upstream):
    events = await stream(upstream)
    whole = await complete(upstream)
    assert replace(fold(events), id=whole.id) == whole
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Metered)


async def test_a_stream_asks_for_its_usage(upstream):
    await stream(upstream)
    assert upstream.bodies[0]["stream_options"] == {"include_usage": True}


async def test_words_arrive_as_they_are_said(upstream):
    upstream.script(Say("one two three four", pause=0.1))
    started = time.monotonic()
    async for event in OPENAI.stream(HELLO, target_of(upstream)):
        if isinstance(event, PartGrew):
            break
    assert time.monotonic() - started < 0.3


async def test_tool_calls_come_through_whole_and_streamed(upstream):
    upstream.script(CallTool("lookup", '{"id": 7}'), CallTool("lookup", '{"id": 7}'))
    for response in (await complete(upstream), fold(await stream(upstream))):
        (call,) = response.choices[0].message.tool_calls
        assert (call.name, call.arguments) == ("lookup", '{"id": 7}')
        assert response.choices[0].finish == "tool_calls"
        assert isinstance(call, ToolCall) and call.id


async def test_several_choices_come_through(upstream):
    response = await complete(upstream, replace(HELLO, sampling=Sampling(n=2)))
    assert [choice.index for choice in response.choices] == [0, 1]


async def test_an_answer_given_whole_to_a_stream_is_taken(upstream):
    body = {"choices": [{"message": {"content": "whole"}, "finish_reason": "stop"}]}
    upstream.script(Json(body))
    response = fold(await stream(upstream))
    assert response.text == "whole"
    assert response.served_by == "acme"


async def test_what_an_upstream_leaves_out_is_filled_in(upstream):
    body = {"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}
    upstream.script(Json(body))
    response = await complete(upstream)
    assert response.id.startswith("chatcmpl-")
    assert response.model == "mock-1"
    assert response.created > 0


async def test_embeddings_travel_as_base64_and_keep_their_values(upstream):
    request = EmbeddingRequest(model="acme/mock-embedding", inputs=("a", "b"), dimensions=3)
    response = await OPENAI.embed(request, target_of(upstream))
    assert response.vectors == (tuple(embed("a", 3)), tuple(embed("b", 3)))
    assert response.served_by == "acme"
    assert upstream.bodies[0]["encoding_format"] == "base64"


async def test_embeddings_given_as_numbers_are_taken(upstream):
    upstream.script(Json({"data": [{"index": 0, "embedding": [0.5]}]}))
    request = EmbeddingRequest(model="m", inputs=("a",))
    assert (await OPENAI.embed(request, target_of(upstream))).vectors == ((0.5,),)


async def test_a_missing_embedding_is_an_error(upstream):
    blob = base64.b64encode(bytes(4)).decode()
    upstream.script(Json({"data": [{"index": 0, "embedding": blob}]}))
    with pytest.raises(UpstreamUnavailable):
        await OPENAI.embed(EmbeddingRequest(model="m", inputs=("a", "b")), target_of(upstream))


# -- where and with which key -------------------------------------------------------------------
async def test_the_key_goes_as_a_bearer_token(upstream):
    await complete(upstream, api_key=Secret("sk-1"))
    assert upstream.calls[0].headers["authorization"] == "Bearer sk-1"


async def test_azure_names_the_deployment_in_the_path_and_the_key_in_its_own_header(upstream):
    azure = {"base_url": upstream.url, "options": {"api_version": "2026-02-01"}}
    await complete(upstream, api_key=Secret("k"), **azure)
    call = upstream.calls[0]
    assert call.path == "/openai/deployments/mock-1/chat/completions?api-version=2026-02-01"
    assert call.headers["api-key"] == "k"
    assert "authorization" not in call.headers


async def test_azure_may_be_given_with_its_deployment(upstream):
    base_url = f"{upstream.url}/openai/deployments/gpt"
    await complete(upstream, base_url=base_url, options={"api_version": "v"})
    assert upstream.calls[0].path == "/openai/deployments/gpt/chat/completions?api-version=v"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({}, "max_tokens"),
        ({"api_version": "v"}, "max_completion_tokens"),
        ({"max_tokens_field": "max_completion_tokens"}, "max_completion_tokens"),
    ],
)
async def test_the_length_limit_goes_by_the_name_the_upstream_knows(upstream, options, field):
    request = replace(HELLO, sampling=Sampling(max_tokens=9))
    await complete(upstream, request, options=options)
    assert upstream.bodies[0][field] == 9


def test_openai_itself_gets_the_newer_name():
    account = Account(name="o", kind="openai", base_url="https://api.openai.com/v1")
    request = replace(HELLO, sampling=Sampling(max_tokens=9))
    call = codec.encode_chat(request, Target(account=account, model="m"))
    assert b'"max_completion_tokens":9' in call.body


async def test_private_addresses_are_out_of_reach_unless_listed(settings):
    settings.ALLOW_PRIVATE_NETWORKS = []
    with FakeProvider() as upstream:
        with pytest.raises(AddressRefused):
            await complete(upstream)
        assert upstream.count == 0


# -- bad days -----------------------------------------------------------------------------------
STATUSES = [
    (400, UpstreamRefused),
    (401, UpstreamRefused),
    (403, UpstreamRefused),
    (404, UpstreamRefused),
    (408, UpstreamTimedOut),
    (422, UpstreamRefused),
    (429, UpstreamRateLimited),
    (500, UpstreamUnavailable),
    (503, UpstreamUnavailable),
    (504, UpstreamTimedOut),
    (302, UpstreamUnavailable),
]


@pytest.mark.parametrize("ask", [complete, stream])
@pytest.mark.parametrize(("status", "error"), STATUSES)
async def test_each_status_has_a_meaning(upstream, ask, status, error):
    upstream.script(Status(status))
    with pytest.raises(error) as failure:
        await ask(upstream)
    assert failure.value.status == status
    assert failure.value.provider == "acme"


async def test_the_upstreams_words_are_passed_on_but_not_those_about_keys(upstream):
    upstream.script(Status(400, "context too long"), Status(401, "bad key sk-1234"))
    with pytest.raises(UpstreamRefused, match="context too long"):
        await complete(upstream)
    with pytest.raises(UpstreamRefused) as failure:
        await complete(upstream)
    assert "sk-1234" not in failure.value.message


@pytest.mark.parametrize("spell", [str, lambda s: format_datetime(later(s), usegmt=True)])
async def test_retry_after_is_seconds_or_a_date(upstream, spell):
    upstream.script(Status(429, retry_after=spell(90)))
    with pytest.raises(UpstreamRateLimited) as failure:
        await complete(upstream)
    assert failure.value.retry_after == pytest.approx(90, abs=3)


def later(seconds):
    return datetime.now(UTC) + timedelta(seconds=seconds)


BROKEN = [Reset(), Truncate(), Malformed(), NoChoices()]


@pytest.mark.parametrize("fault", BROKEN, ids=repr)
@pytest.mark.parametrize("ask", [complete, stream])
async def test_a_broken_answer_is_no_answer(upstream, ask, fault):
    upstream.script(fault)
    with pytest.raises(UpstreamUnavailable) as failure:
        await ask(upstream)
    assert failure.value.provider == "acme"


@pytest.mark.parametrize("fault", [Compressed(), Oversized()], ids=["compressed", "oversized"])
async def test_an_answer_that_could_fill_the_memory_is_refused(upstream, fault):
    upstream.script(fault)
    with pytest.raises(UpstreamUnavailable):
        await complete(upstream)


async def test_an_error_told_inside_a_stream_is_raised_after_its_first_words(upstream):
    upstream.script(StreamError("the model crashed"))
    events = []
    with pytest.raises(UpstreamUnavailable, match="the model crashed"):
        async for event in OPENAI.stream(HELLO, target_of(upstream)):
            events.append(event)
    assert isinstance(events[0], Started)


async def test_a_stream_cut_after_its_finish_reason_is_complete(upstream):
    chunk = '{"id":"c","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}'
    upstream.script(Events(f"data: {chunk}\n\n"))
    assert Finished(finish="stop") in await stream(upstream)


async def test_a_stream_without_a_finish_reason_but_with_done_is_complete(upstream):
    chunk = '{"id":"c","choices":[{"index":0,"delta":{"content":"a"}}]}'
    upstream.script(Events(f"data: {chunk}\n\ndata: [DONE]\n\n"))
    assert Finished(finish="stop") in await stream(upstream)


@pytest.mark.parametrize("fault", [Hang(), Drip()], ids=["hang", "drip"])
async def test_no_upstream_can_stretch_the_deadline(upstream, fault):
    upstream.script(fault)
    started = time.monotonic()
    with pytest.raises(UpstreamTimedOut):
        await complete(upstream, options={"timeout": 0.3})
    assert time.monotonic() - started < 2


async def test_a_closed_port_is_unavailable(settings):
    settings.ALLOW_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    with FakeProvider() as upstream:
        gone = upstream
    with pytest.raises(UpstreamUnavailable):
        await complete(gone)


async def test_a_text_that_is_no_unicode_is_refused_before_the_call(upstream):
    message = Message(role="user", parts=(Text(text="\ud800"),))
    with pytest.raises(InvalidRequest):
        await complete(upstream, replace(HELLO, messages=(message,)))
    assert upstream.count == 0
