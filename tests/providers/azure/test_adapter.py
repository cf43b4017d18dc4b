"""The adapter of Azure's model inference API against a real server."""

import base64
from dataclasses import replace

import pytest

from common.secrets import Secret
from providers.azure.adapter import Azure
from providers.protocols import Account, ChatProvider, EmbeddingProvider, Target
from tests.fakes.answers import DEFAULT_TEXT, embed
from tests.fakes.faults import CallTool, Events, Json, Reset, Say, Truncate
from tests.fakes.provider import FakeProvider
from vocabulary.chat import (
    Audio,
    ChatRequest,
    Document,
    FunctionTool,
    Image,
    Inline,
    Message,
    NamedTool,
    PartGrew,
    Sampling,
    SchemaJson,
    Text,
    Url,
)
from vocabulary.embeddings import EmbeddingRequest
from vocabulary.errors import (
    Unrepresentable,
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamUnavailable,
)
from vocabulary.streams import fold

AZURE = Azure()
HELLO = ChatRequest(
    model="hub/mock-1", messages=(Message(role="user", parts=(Text(text="Where is it?"),)),)
)


def target(upstream: FakeProvider, path: str = "/models", **options: object) -> Target:
    account = Account(
        name="hub",
        kind="azure",
        base_url=f"{upstream.url}{path}",
        api_key=Secret("k-1"),
        options=options,  # type: ignore[arg-type]
    )
    return Target(account=account, model="mock-1")


async def complete(upstream, request=HELLO, **given):
    return await AZURE.complete(request, target(upstream, **given))


async def stream(upstream, request=HELLO, **given):
    return [event async for event in AZURE.stream(request, target(upstream, **given))]


def test_it_chats_and_embeds():
    assert isinstance(AZURE, ChatProvider)
    assert isinstance(AZURE, EmbeddingProvider)


async def test_a_whole_answer_and_a_stream_are_the_same(upstream):
    whole = await complete(upstream)
    told = fold(await stream(upstream, stream_usage=True))
    assert (whole.text, whole.served_by, whole.model) == (DEFAULT_TEXT, "hub", "mock-1")
    assert replace(told, id=whole.id) == whole


async def test_the_version_is_in_the_query_and_the_key_under_both_its_names(upstream):
    await complete(upstream)
    call = upstream.calls[0]
    assert call.path == "/models/chat/completions?api-version=2024-05-01-preview"
    assert (call.headers["api-key"], call.headers["authorization"]) == ("k-1", "Bearer k-1")
    assert "extra-parameters" not in call.headers
    assert call.json == {
        "model": "mock-1",
        "messages": [{"role": "user", "content": "Where is it?"}],
    }


async def test_a_token_goes_as_a_bearer_and_a_deployment_may_be_in_the_path(upstream):
    given = {"credential": "token", "api_version": "2024-06-01", "deployment": "blue"}
    await complete(upstream, path="/openai/deployments/gpt/", **given)
    call = upstream.calls[0]
    assert call.path == "/openai/deployments/gpt/chat/completions?api-version=2024-06-01"
    assert "api-key" not in call.headers
    assert call.headers["authorization"] == "Bearer k-1"
    assert call.headers["azureml-model-deployment"] == "blue"


async def test_what_the_api_does_not_name_is_passed_through(upstream):
    request = replace(
        HELLO,
        sampling=Sampling(max_tokens=5, logit_bias={"1": 2}),
        metadata={"kept": "here"},
        extras={"azure": {"safe_prompt": True}},
    )
    await complete(upstream, request)
    assert upstream.calls[0].headers["extra-parameters"] == "pass-through"
    assert upstream.bodies[0]["safe_prompt"] is True
    assert upstream.bodies[0]["max_tokens"] == 5
    assert "metadata" not in upstream.bodies[0]


async def test_a_stream_asks_for_its_usage_only_where_it_may(upstream):
    await stream(upstream)
    await stream(upstream, stream_usage=True)
    assert ["stream_options" in body for body in upstream.bodies] == [False, True]
    assert "extra-parameters" not in upstream.calls[0].headers


async def test_images_sound_tools_and_schemas_are_spelled_as_the_api_wants_them(upstream):
    picture = Image(at=Url(url="https://pictures.test/a.png"), detail="low")
    sound = Audio(at=Inline(data="UklGRg==", media_type="audio/wav"), format="wav")
    request = replace(
        HELLO,
        messages=(Message(role="user", parts=(Text(text="look"), picture, sound)),),
        tools=(FunctionTool(name="f", parameters={"type": "object"}),),
        tool_choice=NamedTool(name="f"),
        output=SchemaJson(name="answer", schema={"type": "object"}, strict=True),
    )
    await complete(upstream, request)
    body = upstream.bodies[0]
    assert body["messages"][0]["content"][1:] == [
        {
            "type": "image_url",
            "image_url": {"url": "https://pictures.test/a.png", "detail": "low"},
        },
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
    ]
    assert body["tool_choice"] == {"type": "function", "function": {"name": "f"}}
    assert body["response_format"]["json_schema"] == {
        "name": "answer",
        "schema": {"type": "object"},
        "strict": True,
    }


async def test_a_document_is_refused_rather_than_dropped(upstream):
    paper = Document(at=Inline(data="", media_type="application/pdf"))
    with pytest.raises(Unrepresentable):
        await complete(upstream, replace(HELLO, messages=(Message(role="user", parts=(paper,)),)))
    assert upstream.count == 0


async def test_tool_calls_come_through_whole_and_streamed(upstream):
    upstream.script(CallTool("lookup", '{"id": 7}'), CallTool("lookup", '{"id": 7}'))
    for response in (await complete(upstream), fold(await stream(upstream))):
        (call,) = response.choices[0].message.tool_calls
        assert (call.name, call.arguments) == ("lookup", '{"id": 7}')
        assert response.choices[0].finish == "tool_calls"


async def test_a_call_told_in_fragments_without_ids_is_one_call(upstream):
    pieces = ['{"ci', 'ty": "Rome"}']
    first = '{"index":0,"id":"c1","type":"function","function":{"name":"find","arguments":""}}'
    told = [first, *(f'{{"index":0,"function":{{"arguments":{_quoted(p)}}}}}' for p in pieces)]
    chunks = [f'{{"choices":[{{"index":0,"delta":{{"tool_calls":[{t}]}}}}]}}' for t in told]
    chunks.append('{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}')
    upstream.script(Events("".join(f"data: {chunk}\n\n" for chunk in chunks)))
    (call,) = fold(await stream(upstream)).choices[0].message.tool_calls
    assert (call.id, call.name, call.arguments) == ("c1", "find", '{"city": "Rome"}')


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


@pytest.mark.parametrize("fault", [Reset(), Truncate()], ids=repr)
async def test_a_stream_that_breaks_off_is_an_error_after_its_first_words(upstream, fault):
    upstream.script(fault)
    heard = []
    with pytest.raises(UpstreamUnavailable) as failure:
        async for event in AZURE.stream(HELLO, target(upstream)):
            heard.append(event)
    assert failure.value.provider == "hub"


async def test_words_arrive_one_by_one(upstream):
    upstream.script(Say("one two three four", pieces=4))
    events = await stream(upstream)
    assert len([event for event in events if isinstance(event, PartGrew)]) == 4


ERRORS = [
    (
        400,
        {"error": {"code": "content_filter", "message": "filtered"}, "status": 400},
        UpstreamRefused,
        "filtered",
    ),
    (
        422,
        {
            "status": 422,
            "error": "parameter_not_supported",
            "code": "parameter_not_supported",
            "message": "no response_format here",
        },
        UpstreamRefused,
        "no response_format here",
    ),
    (404, {"detail": "Not Found"}, UpstreamRefused, "Not Found"),
    (401, {"error": {"message": "wrong key k-1"}}, UpstreamRefused, "refused the account's key"),
    (429, {"error": {"code": "429", "message": "slow"}}, UpstreamRateLimited, "slow"),
    (503, {"error": {"message": "down"}}, UpstreamUnavailable, "down"),
]


@pytest.mark.parametrize("ask", [complete, stream])
@pytest.mark.parametrize(("status", "body", "error", "words"), ERRORS)
async def test_errors_of_either_shape_are_read(upstream, ask, status, body, error, words):
    upstream.script(Json(body, status))
    with pytest.raises(error, match=words) as failure:
        await ask(upstream)
    assert (failure.value.status, failure.value.provider) == (status, "hub")


async def test_embeddings_travel_as_numbers_with_what_azure_alone_knows(upstream):
    request = EmbeddingRequest(
        model="m", inputs=("a", "b"), dimensions=3, extras={"azure": {"input_type": "query"}}
    )
    response = await AZURE.embed(request, target(upstream))
    assert response.vectors == (tuple(embed("a", 3)), tuple(embed("b", 3)))
    assert upstream.calls[0].path == "/models/embeddings?api-version=2024-05-01-preview"
    assert upstream.bodies[0]["input_type"] == "query"
    assert upstream.bodies[0]["encoding_format"] == "float"
    assert "extra-parameters" not in upstream.calls[0].headers


async def test_embeddings_that_come_as_base64_are_taken(upstream):
    blob = base64.b64encode(bytes(8)).decode()
    upstream.script(Json({"data": [{"index": 0, "embedding": blob}]}))
    request = EmbeddingRequest(model="m", inputs=("a",))
    assert (await AZURE.embed(request, target(upstream))).vectors == ((0.0, 0.0),)
