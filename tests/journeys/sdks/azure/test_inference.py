"""Every operation of the SDK, sync and async, against the builtin models."""

import base64
import json
import os

import pytest
from azure.ai.inference.models import (
    AssistantMessage,
    ChatCompletionsNamedToolChoice,
    ChatCompletionsNamedToolChoiceFunction,
    ChatCompletionsToolCall,
    ChatCompletionsToolDefinition,
    DeveloperMessage,
    FunctionCall,
    FunctionDefinition,
    ImageEmbeddingInput,
    JsonSchemaFormat,
    SystemMessage,
    TextContentItem,
    ToolMessage,
    UserMessage,
)
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)
from azure.core.rest import HttpRequest
from conftest import ENDPOINT, pieces

ECHO = "builtin/echo"
SCHEMA = {
    "type": "object",
    "properties": {"order": {"type": ["string", "null"], "description": "Order reference"}},
    "required": ["order"],
    "additionalProperties": False,
}
TOOL = ChatCompletionsToolDefinition(
    function=FunctionDefinition(
        name="find_order",
        description="Looks an order up by its reference",
        parameters={"type": "object", "properties": {"reference": {"type": "string"}}},
    )
)
NAMED = ChatCompletionsNamedToolChoice(
    function=ChatCompletionsNamedToolChoiceFunction(name="find_order")
)


async def test_a_chat_is_answered_with_every_parameter(chat):
    bare = await chat.complete(messages=[UserMessage("hello")])
    assert bare.choices[0].message.content and bare.created.year >= 2026
    full = await chat.complete(
        messages=[
            SystemMessage("be kind"),
            DeveloperMessage("be brief"),
            UserMessage([TextContentItem(text="what is my order?")]),
            AssistantMessage(
                tool_calls=[
                    ChatCompletionsToolCall(
                        id="c1", function=FunctionCall(name="find_order", arguments="{}")
                    )
                ]
            ),
            ToolMessage("HH-1", tool_call_id="c1"),
            UserMessage("grüße"),
        ],
        model=ECHO,
        frequency_penalty=0.1,
        presence_penalty=0.1,
        temperature=0.5,
        top_p=0.9,
        max_tokens=100,
        response_format="text",
        stop=["STOP"],
        tools=[TOOL],
        tool_choice="none",
        seed=7,
        model_extras={"logit_bias": {}, "unheard_of": 1},
    )
    assert full.choices[0].message.content == "grüße"
    assert full.choices[0].finish_reason == "stop" and full.usage.total_tokens


async def test_structure_and_tools(chat):
    said = [UserMessage("My order is HH-204817.")]
    shaped = await chat.complete(
        messages=said,
        model="builtin/extractive",
        response_format=JsonSchemaFormat(name="order", schema=SCHEMA, strict=True),
    )
    assert json.loads(shaped.choices[0].message.content) == {"order": "HH-204817"}
    loose = await chat.complete(
        messages=said, model="builtin/extractive", response_format="json_object"
    )
    assert isinstance(json.loads(loose.choices[0].message.content), dict)
    called = await chat.complete(messages=said, model=ECHO, tools=[TOOL], tool_choice=NAMED)
    assert called.choices[0].finish_reason == "tool_calls"
    assert called.choices[0].message.tool_calls[0].function.name == "find_order"


async def test_streams_end_with_what_was_used(chat):
    told = await pieces(
        await chat.complete(messages=[UserMessage("eins zwei drei ü")], model=ECHO, stream=True)
    )
    text = "".join(u.choices[0].delta.content or "" for u in told if u.choices)
    assert text == "eins zwei drei ü"
    assert told[-1].usage.total_tokens > 0
    called = await pieces(
        await chat.complete(
            messages=[UserMessage("HH-1")], model=ECHO, tools=[TOOL], tool_choice=NAMED, stream=True
        )
    )
    calls = [c for u in called if u.choices for c in u.choices[0].delta.tool_calls or []]
    assert calls[0].function.name == "find_order"
    json.loads("".join(call.function.arguments or "" for call in calls))


async def test_fields_beyond_the_api_are_refused_dropped_or_passed(chat):
    body = {"messages": [{"role": "user", "content": "hi"}], "model": ECHO, "foo": 1}
    with pytest.raises(HttpResponseError) as refused:
        await chat.complete(dict(body))
    assert refused.value.status_code == 400
    assert refused.value.error.code == "extra_parameter_not_allowed"
    for word in ("drop", "ignore", "pass-through", "allow"):
        answer = await chat.complete(dict(body), headers={"extra-parameters": word})
        assert answer.choices[0].message.content == "hi"
    several = await chat.complete(
        messages=[UserMessage("hi")], model=ECHO, model_extras={"n": 2, "user": "u"}
    )
    assert len(several.choices) == 2


async def test_vectors_in_every_spelling(embeddings):
    kinds = {"float": float, "int8": int, "uint8": int, "binary": int, "ubinary": int}
    for spelling, kind in kinds.items():
        got = await embeddings.embed(
            input=["one", "two"], model="builtin/minilm", encoding_format=spelling
        )
        assert [row.index for row in got.data] == [0, 1]
        assert all(type(number) is kind for number in got.data[0].embedding)
        assert len(got.data[0].embedding) == (48 if "binary" in spelling else 384)
    text = await embeddings.embed(
        input=["one"], encoding_format="base64", input_type="query", dimensions=384
    )
    assert len(base64.b64decode(text.data[0].embedding)) == 4 * 384
    assert text.id and text.usage.total_tokens


async def test_images_have_no_vectors_here(clients):
    client = clients.make("ImageEmbeddingsClient")
    with pytest.raises(ResourceNotFoundError) as none:
        await client.embed(input=[ImageEmbeddingInput(image="data:image/png;base64,AA==")])
    assert "images" in none.value.error.message


async def test_one_model_an_endpoint(clients):
    place = f"{ENDPOINT}/deployments/{ECHO}"
    chat = clients.make("ChatCompletionsClient", endpoint=place + "/")
    assert (await chat.complete(messages=[UserMessage("hi")])).choices[0].message.content == "hi"
    info = await chat.get_model_info()
    assert (info.model_name, info.model_type) == (ECHO, "chat_completion")
    loaded = await clients.load(place)
    assert type(loaded).__name__ == "ChatCompletionsClient"
    vectors = await clients.load(f"{ENDPOINT}/deployments/builtin/minilm")
    assert type(vectors).__name__ == "EmbeddingsClient"
    with pytest.raises(ResourceNotFoundError):
        await clients.make("ChatCompletionsClient", endpoint=f"{ENDPOINT}/deployments/no").complete(
            messages=[UserMessage("hi")]
        )


async def test_defaults_of_a_client_and_requests_of_ones_own(clients):
    chat = clients.make("ChatCompletionsClient", model=ECHO, temperature=0.1)
    assert (await chat.complete(messages=[UserMessage("x")])).choices[0].message.content == "x"
    answer = await chat.send_request(HttpRequest("GET", "/info"))
    assert answer.json()["model_type"] == "chat_completion"


async def test_a_chat_joins_a_conversation(chat):
    answers = []
    await chat.complete(
        messages=[UserMessage("remember me")],
        model=ECHO,
        headers={"X-Conversation-Id": "new", "x-ms-client-request-id": "mine"},
        raw_response_hook=lambda response: answers.append(response.http_response.headers),
    )
    assert answers[0]["X-Conversation-Id"] and answers[0]["x-ms-client-request-id"] == "mine"


async def test_errors_are_read_by_the_sdk(clients, chat):
    stranger = clients.make("ChatCompletionsClient", key="nobody")
    with pytest.raises(ClientAuthenticationError) as unknown:
        await stranger.complete(messages=[UserMessage("hi")])
    assert unknown.value.error.code == "unauthorized"
    with pytest.raises(HttpResponseError) as missing:
        await chat.complete({"model": ECHO})
    assert (missing.value.status_code, missing.value.error.target) == (400, "messages")
    with pytest.raises(ResourceNotFoundError):
        await chat.complete(messages=[UserMessage("hi")], model="no-such-model")
    with pytest.raises(HttpResponseError) as unable:
        await clients.make("EmbeddingsClient").embed(
            input=["x"], model="builtin/minilm", dimensions=7
        )
    assert unable.value.status_code == 422


async def test_another_organisation_has_other_conversations(clients):
    other = clients.make("ChatCompletionsClient", key=os.environ["COLLOQUY_OTHER_KEY"])
    mine = clients.make("ChatCompletionsClient")
    seen = []
    await mine.complete(
        messages=[UserMessage("hi")],
        model=ECHO,
        headers={"X-Conversation-Id": "new"},
        raw_response_hook=lambda r: seen.append(r.http_response.headers["X-Conversation-Id"]),
    )
    with pytest.raises(ResourceNotFoundError):
        await other.complete(
            messages=[UserMessage("hi")], model=ECHO, headers={"X-Conversation-Id": seen[0]}
        )
