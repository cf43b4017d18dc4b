"""Models, chat completions and embeddings through the official SDK, in strict validation."""

import json
import os
import uuid

import openai
import pytest
from conftest import BASE_URL, make_client
from pydantic import BaseModel

HELLO = [{"role": "user", "content": "Hello there, my order is HH-204817."}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Current weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


def test_models(client):
    ids = [model.id for model in client.models.list()]
    assert "builtin/extractive" in ids
    assert client.models.retrieve("builtin/extractive").owned_by == "builtin"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("nobody/nothing")


def test_chat_whole(client):
    answer = client.chat.completions.create(model="builtin/echo", messages=HELLO)
    assert answer.choices[0].message.content == HELLO[0]["content"]
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens > 0


def test_chat_says_who_served_it(client):
    raw = client.chat.completions.with_raw_response.create(model="builtin/echo", messages=HELLO)
    assert raw.headers["x-served-by"] == "builtin"
    assert raw.headers["x-request-id"]


def test_chat_streamed_equals_whole(client):
    whole = client.chat.completions.create(model="builtin/echo", messages=HELLO)
    stream = client.chat.completions.create(
        model="builtin/echo",
        messages=HELLO,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-1].choices == [] and chunks[-1].usage == whole.usage
    assert len({chunk.id for chunk in chunks}) == 1


def test_stream_helper(client):
    with client.chat.completions.stream(model="builtin/echo", messages=HELLO) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_completion()
    assert "content.done" in kinds
    assert final.choices[0].message.content == HELLO[0]["content"]


def test_tools_go_round(client):
    messages = [{"role": "user", "content": "What is the weather in Lisbon?"}]
    choice = {"type": "function", "function": {"name": "get_weather"}}
    asked = client.chat.completions.create(
        model="builtin/extractive", messages=messages, tools=[WEATHER], tool_choice=choice
    )
    call = asked.choices[0].message.tool_calls[0]
    assert asked.choices[0].finish_reason == "tool_calls"
    assert "city" in json.loads(call.function.arguments)
    messages += [
        asked.choices[0].message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": "Sunny, 24 degrees"},
    ]
    answer = client.chat.completions.create(
        model="builtin/extractive", messages=messages, tools=[WEATHER]
    )
    assert "Sunny" in answer.choices[0].message.content


class Order(BaseModel):
    order_reference: str | None


def test_parse_gives_a_typed_answer(client):
    parse = client.chat.completions.parse
    answer = parse(model="builtin/extractive", messages=HELLO, response_format=Order)
    assert answer.choices[0].message.parsed.order_reference == "HH-204817"


def test_n_choices_and_logprobs_are_taken(client):
    answer = client.chat.completions.create(model="builtin/echo", messages=HELLO, n=2)
    assert [choice.index for choice in answer.choices] == [0, 1]


def test_embeddings_in_every_encoding(client):
    # Unasked, the SDK asks for base64 and decodes it after validation, which only takes lists.
    lax = make_client(_strict_response_validation=False)
    default = lax.embeddings.create(model="builtin/minilm", input="hello world").data[0].embedding
    floats = client.embeddings.create(
        model="builtin/minilm", input=["hello world"], encoding_format="float"
    )
    assert default == pytest.approx(floats.data[0].embedding, abs=1e-6)
    assert default[0] == pytest.approx(-0.03448, abs=1e-4)


def test_a_chat_joins_a_conversation(client):
    raw = client.chat.completions.with_raw_response.create(
        model="builtin/echo", messages=HELLO, extra_headers={"X-Conversation-Id": "new"}
    )
    conversation = raw.headers["x-conversation-id"]
    stream = client.chat.completions.create(
        model="builtin/echo",
        messages=[{"role": "user", "content": "And again"}],
        stream=True,
        extra_headers={"X-Conversation-Id": conversation},
    )
    list(stream)
    telnyx = BASE_URL.replace("/openai/v1", "/telnyx/v2")
    rows = client.get(f"{telnyx}/ai/conversations/{conversation}/messages", cast_to=object)
    assert [row["role"] for row in rows["data"]] == ["user", "assistant"] * 2


def test_errors_have_the_vendors_classes_and_fields(client):
    create = client.chat.completions.create
    with pytest.raises(openai.AuthenticationError):
        make_client(api_key="sk-nobody").models.list()
    with pytest.raises(openai.NotFoundError) as missing:
        create(model="nobody/nothing", messages=HELLO)
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError) as wrong:
        create(model="builtin/echo", messages=[{"role": "user", "content": 7}])
    assert wrong.value.param.startswith("messages[0].content")
    with pytest.raises(openai.NotFoundError):
        create(
            model="builtin/echo",
            messages=HELLO,
            extra_headers={"X-Conversation-Id": str(uuid.uuid4())},
        )
    assert missing.value.request_id


async def test_the_async_client_goes_the_same_way():
    async with openai.AsyncOpenAI(
        base_url=BASE_URL, api_key=os.environ["COLLOQUY_KEY"], max_retries=0
    ) as client:
        stream = await client.chat.completions.create(
            model="builtin/echo", messages=HELLO, stream=True
        )
        text = "".join([c.choices[0].delta.content or "" async for c in stream if c.choices])
        assert text == HELLO[0]["content"]
