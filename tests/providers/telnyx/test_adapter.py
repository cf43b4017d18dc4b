"""The adapter of Telnyx against a real server: chats and embeddings."""

from dataclasses import replace
from typing import Any

import pytest

from common.secrets import Secret
from providers.protocols import (
    Account,
    ChatProvider,
    EmbeddingProvider,
    GuidingProvider,
    SpeechProvider,
    Target,
    TranscriptionProvider,
)
from providers.telnyx.adapter import Telnyx
from tests.fakes.answers import DEFAULT_TEXT, embed
from tests.fakes.faults import CallTool, Json, Reset, StreamError, Truncate
from tests.fakes.provider import FakeProvider
from vocabulary.chat import (
    ChatRequest,
    FunctionTool,
    Image,
    Inline,
    Matching,
    Message,
    NamedTool,
    OneOf,
    Sampling,
    SchemaJson,
    Text,
)
from vocabulary.embeddings import EmbeddingRequest
from vocabulary.errors import (
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamUnavailable,
)
from vocabulary.streams import fold

TELNYX = Telnyx()
HELLO = ChatRequest(
    model="t/mock-1", messages=(Message(role="user", parts=(Text(text="Where is it?"),)),)
)


def target(upstream: FakeProvider, **options: Any) -> Target:
    account = Account(
        name="t",
        kind="telnyx",
        base_url=f"{upstream.url}/v2/",
        api_key=Secret("KEY1"),
        options=options,
    )
    return Target(account=account, model="mock-1")


async def complete(upstream, request=HELLO, **given):
    return await TELNYX.complete(request, target(upstream, **given))


async def stream(upstream, request=HELLO, **given):
    return [event async for event in TELNYX.stream(request, target(upstream, **given))]


@pytest.mark.parametrize(
    "power",
    [ChatProvider, EmbeddingProvider, SpeechProvider, TranscriptionProvider, GuidingProvider],
)
def test_it_does_all_but_train(power):
    assert isinstance(TELNYX, power)


async def test_a_whole_answer_and_a_stream_are_the_same(upstream):
    whole = await complete(upstream)
    told = fold(await stream(upstream))
    assert (whole.text, whole.served_by) == (DEFAULT_TEXT, "t")
    assert replace(told, id=whole.id) == whole


async def test_it_is_called_where_telnyx_answers_with_the_key_as_a_bearer(upstream):
    await complete(upstream)
    call = upstream.calls[0]
    assert call.path == "/v2/ai/chat/completions"
    assert call.headers["authorization"] == "Bearer KEY1"


async def test_texts_of_a_few_and_of_a_pattern_are_guided(upstream):
    await complete(upstream, replace(HELLO, output=OneOf(choices=("yes", "no"))))
    await complete(upstream, replace(HELLO, output=Matching(pattern="[0-9]+")))
    await complete(upstream, replace(HELLO, output=SchemaJson(name="a", schema={})))
    choice, pattern, schema = upstream.bodies
    assert choice["guided_choice"] == ["yes", "no"]
    assert pattern["guided_regex"] == "[0-9]+"
    assert schema["response_format"]["type"] == "json_schema"
    assert not any("response_format" in body for body in (choice, pattern))


async def test_its_own_knobs_are_told_and_those_it_does_not_document_are_not(upstream):
    request = replace(
        HELLO,
        sampling=Sampling(max_tokens=9, logit_bias={"1": 1}, parallel_tool_calls=True, min_p=0.1),
        user="u",
        metadata={"k": "v"},
        extras={"telnyx": {"use_beam_search": True, "best_of": 2, "api_key_ref": "theirs"}},
    )
    await complete(upstream, request)
    assert upstream.bodies[0] == {
        "model": "mock-1",
        "messages": [{"role": "user", "content": "Where is it?"}],
        "max_tokens": 9,
        "min_p": 0.1,
        "use_beam_search": True,
        "best_of": 2,
    }


async def test_a_named_tool_is_the_only_one_and_required(upstream):
    tools = (FunctionTool(name="a"), FunctionTool(name="b"))
    await complete(upstream, replace(HELLO, tools=tools, tool_choice=NamedTool(name="b")))
    body = upstream.bodies[0]
    assert body["tool_choice"] == "required"
    assert [tool["function"]["name"] for tool in body["tools"]] == ["b"]


async def test_an_image_s_address_stands_bare(upstream):
    picture = Image(at=Inline(data="AAAA", media_type="image/png"), detail="low")
    message = Message(role="user", parts=(Text(text="see"), picture))
    await complete(upstream, replace(HELLO, messages=(message,)))
    assert upstream.bodies[0]["messages"][0]["content"] == [
        {"type": "text", "text": "see"},
        {"type": "image_url", "image_url": "data:image/png;base64,AAAA"},
    ]


async def test_tool_calls_come_through_whole_and_streamed(upstream):
    upstream.script(CallTool("lookup", '{"id": 7}'), CallTool("lookup", '{"id": 7}'))
    for response in (await complete(upstream), fold(await stream(upstream))):
        (call,) = response.choices[0].message.tool_calls
        assert (call.name, call.arguments) == ("lookup", '{"id": 7}')


@pytest.mark.parametrize("fault", [Reset(), Truncate(), StreamError("it crashed")], ids=repr)
async def test_a_broken_stream_is_an_error(upstream, fault):
    upstream.script(fault)
    with pytest.raises(UpstreamUnavailable) as failure:
        await stream(upstream)
    assert failure.value.provider == "t"


ERRORS = [
    (
        404,
        {"errors": [{"code": "10005", "title": "Not found", "detail": "No model x."}]},
        UpstreamRefused,
        "^No model x.$",
    ),
    (
        422,
        {"detail": [{"loc": ["body", "model"], "msg": "Field required", "type": "missing"}]},
        UpstreamRefused,
        "Field required",
    ),
    (422, {"errors": {"text": ["can't be blank"]}}, UpstreamRefused, "^text: can't be blank$"),
    (401, {"errors": [{"detail": "bad key KEY1"}]}, UpstreamRefused, "refused the account's key"),
    (429, {"errors": [{"detail": "Slow down."}]}, UpstreamRateLimited, "Slow down"),
    (500, {}, UpstreamUnavailable, "status 500"),
]


@pytest.mark.parametrize("ask", [complete, stream])
@pytest.mark.parametrize(("status", "body", "error", "words"), ERRORS)
async def test_errors_in_each_of_telnyx_shapes_are_read(upstream, ask, status, body, error, words):
    upstream.script(Json(body, status))
    with pytest.raises(error, match=words) as failure:
        await ask(upstream)
    assert failure.value.status == status


async def test_embeddings(upstream):
    request = EmbeddingRequest(model="m", inputs=("a", "b"), dimensions=3)
    response = await TELNYX.embed(request, target(upstream))
    assert response.vectors == (tuple(embed("a", 3)), tuple(embed("b", 3)))
    assert upstream.calls[0].path == "/v2/ai/openai/embeddings"
