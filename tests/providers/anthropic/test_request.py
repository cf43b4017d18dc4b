"""Chats as the Messages API is asked them."""

import base64
import json
from dataclasses import replace

import pytest

from common.secrets import Secret
from providers.anthropic import codec
from providers.anthropic.knobs import JSON_ALONE, close
from providers.protocols import Account, Facts, Target
from tests.providers.anthropic.replies import MESSAGE
from vocabulary.chat import (
    AnyJson,
    Audio,
    ChatRequest,
    Document,
    FunctionTool,
    Image,
    Inline,
    Message,
    NamedTool,
    OneOf,
    Reasoning,
    Refusal,
    Sampling,
    SchemaJson,
    ServerTool,
    Stored,
    Text,
    ToolCall,
    ToolResult,
    Url,
    Video,
)
from vocabulary.errors import Unrepresentable

OLDER, NEWER = "claude-sonnet-4-5-20250929", "claude-opus-4-7"
FIRST = "messages[1].parts[0]"
PDF = base64.b64encode(b"%PDF-1.7 ...").decode()
WEATHER = FunctionTool(
    name="get_weather",
    description="Tells the weather.",
    parameters={"type": "object", "properties": {"city": {"type": "string"}}},
    strict=True,
)


def say(role, *parts):
    return Message(role=role, parts=tuple(Text(text=p) if isinstance(p, str) else p for p in parts))


HELLO = ChatRequest(model="m", messages=(say("user", "Hello"),))


def encode(request=HELLO, model=OLDER, facts=None, stream=False, **account):
    given = {"name": "a", "kind": "anthropic", "base_url": "https://api.example"} | account
    target = Target(account=Account(**given), model=model, facts=facts or Facts())
    return codec.encode_chat(request, target, stream=stream)


def body_of(request=HELLO, model=OLDER, facts=None, **options):
    return json.loads(encode(request, model, facts, **options).body)


def ask(**fields):
    return replace(HELLO, **fields)


# -- where and how ------------------------------------------------------------------------------
@pytest.mark.parametrize("base", ["https://api.example", "https://api.example/v1/"])
def test_a_call_names_the_version_and_carries_the_key(base):
    call = encode(base_url=base, api_key=Secret("sk-ant"), options={"anthropic_beta": "x"})
    assert (call.method, call.url) == ("POST", "https://api.example/v1/messages")
    assert call.headers == {
        "Content-Type": "application/json",
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "x",
        "x-api-key": "sk-ant",
    }


def test_a_plain_question_says_nothing_more():
    assert body_of() == {
        "model": OLDER,
        "max_tokens": 4096,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}],
    }
    assert body_of(stream=True)["stream"] is True


def test_an_answer_is_as_long_as_asked_else_as_the_model_can():
    facts = Facts(max_completion_tokens=64000)
    assert body_of(facts=facts)["max_tokens"] == 64000
    assert body_of(ask(sampling=Sampling(max_tokens=9)), facts=facts)["max_tokens"] == 9


# -- turns --------------------------------------------------------------------------------------
def test_the_systems_words_come_first_wherever_they_stood():
    messages = (say("system", "Be brief."), *HELLO.messages, say("developer", "In French."))
    body = body_of(ask(messages=messages))
    assert body["system"] == "Be brief.\n\nIn French."
    assert len(body["messages"]) == 1


def test_calls_and_their_results_become_two_turns():
    messages = (
        say("user", "Weather?"),
        say(
            "assistant",
            Reasoning(text="Ask.", signature="sig"),
            "One moment.",
            ToolCall(id="call:1", name="get_weather", arguments='{"city": "Paris"}'),
            ToolCall(id="call_2", name="now", arguments=""),
        ),
        say("tool", ToolResult(call_id="call:1", text="21 °C")),
        say("tool", ToolResult(call_id="call_2", text="")),
        say("user", "And?"),
    )
    _, said, results = body_of(ask(messages=messages))["messages"]
    assert said == {
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "Ask.", "signature": "sig"},
            {"type": "text", "text": "One moment."},
            {
                "type": "tool_use",
                "id": "call_1",
                "name": "get_weather",
                "input": {"city": "Paris"},
            },
            {"type": "tool_use", "id": "call_2", "name": "now", "input": {}},
        ],
    }
    assert results == {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "call_1", "content": "21 °C"},
            {"type": "tool_result", "tool_use_id": "call_2"},
            {"type": "text", "text": "And?"},
        ],
    }


def test_an_answer_is_said_again_as_it_was_given():
    answer = codec.decode_chat(json.dumps(MESSAGE).encode()).choices[0].message
    _, said = body_of(ask(messages=(*HELLO.messages, answer)))["messages"]
    assert said["content"] == MESSAGE["content"]


def test_unsigned_thoughts_and_empty_texts_stay_behind():
    messages = (
        say("user", "Hello", ""),
        say("assistant", Reasoning(text="Another's.")),
        say("user", "Still there?"),
        say("assistant", Refusal(text="No.")),
    )
    assert body_of(ask(messages=messages))["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Hello"},
                {"type": "text", "text": "Still there?"},
            ],
        },
        {"role": "assistant", "content": [{"type": "text", "text": "No."}]},
    ]


@pytest.mark.parametrize("arguments", ['{"a": ', "[1]"])
def test_arguments_that_are_no_object_are_told_as_such(arguments):
    call = ToolCall(id="1", name="f", arguments=arguments)
    _, said = body_of(ask(messages=(*HELLO.messages, say("assistant", call))))["messages"]
    assert said["content"][0]["input"] == {"INVALID_JSON": arguments}


@pytest.mark.parametrize(
    ("part", "block"),
    [
        (
            Image(at=Inline(data="AAAA", media_type="image/png")),
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"},
            },
        ),
        (
            Image(at=Url(url="https://x/a.png"), detail="low"),
            {"type": "image", "source": {"type": "url", "url": "https://x/a.png"}},
        ),
        (
            Document(at=Inline(data=PDF, media_type="application/octet-stream"), filename="a.pdf"),
            {
                "type": "document",
                "source": {"type": "base64", "media_type": "application/pdf", "data": PDF},
                "title": "a.pdf",
            },
        ),
        (
            Document(at=Inline(data="aGVsbG8=", media_type="text/markdown")),
            {
                "type": "document",
                "source": {"type": "text", "media_type": "text/plain", "data": "hello"},
            },
        ),
        (
            Document(at=Url(url="https://x/a.pdf")),
            {"type": "document", "source": {"type": "url", "url": "https://x/a.pdf"}},
        ),
    ],
)
def test_media_travel_as_blocks(part, block):
    asked = body_of(ask(messages=(say("user", part),)))["messages"][0]["content"]
    assert asked == [block]


@pytest.mark.parametrize(
    ("message", "path"),
    [
        (say("user", Audio(at=Url(url="https://x/a.mp3"))), FIRST),
        (say("user", "See:", Video(at=Url(url="https://x/a"))), "messages[1].parts[1]"),
        (say("user", Image(at=Stored(file_id="f"))), FIRST),
        (say("user", Document(at=Stored(file_id="f"))), FIRST),
        (say("user", Document(at=Inline(data="AA==", media_type="a/b"))), FIRST),
        (
            say("user", Document(at=Inline(data="/w==", media_type="text/x"))),
            "messages[1].parts[0]",
        ),
        (say("user", ToolCall(id="1", name="f", arguments="{}")), FIRST),
        (say("assistant", Image(at=Url(url="https://x/a"))), FIRST),
        (say("system", Image(at=Url(url="https://x/a"))), FIRST),
    ],
)
def test_what_cannot_be_carried_is_refused_with_its_place(message, path):
    with pytest.raises(Unrepresentable) as refusal:
        encode(ask(messages=(*HELLO.messages, message)))
    assert refusal.value.path == path


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (ask(messages=(say("system", "Be brief."),)), "messages"),
        (ask(sampling=Sampling(n=2)), "n"),
        (ask(tools=(WEATHER, ServerTool(name="retrieval"))), "tools[1]"),
        (ask(output=OneOf(choices=("a",))), "response_format"),
    ],
)
def test_what_cannot_be_asked_is_refused(request_, path):
    with pytest.raises(Unrepresentable) as refusal:
        encode(request_)
    assert refusal.value.path == path


# -- tools --------------------------------------------------------------------------------------
def test_tools_are_strict_only_for_models_that_keep_to_schemas():
    request = ask(tools=(WEATHER, FunctionTool(name="now")))
    weather, now = body_of(request)["tools"]
    assert weather == {
        "name": "get_weather",
        "description": "Tells the weather.",
        "input_schema": WEATHER.parameters,
    }
    assert now == {"name": "now", "input_schema": {"type": "object"}}
    strict, _ = body_of(request, facts=Facts(writes_schema=True))["tools"]
    assert strict["strict"] is True


@pytest.mark.parametrize(
    ("choice", "parallel", "told"),
    [
        (None, None, None),
        (None, False, {"type": "auto", "disable_parallel_tool_use": True}),
        ("auto", True, {"type": "auto"}),
        ("required", False, {"type": "any", "disable_parallel_tool_use": True}),
        ("none", False, {"type": "none"}),
        (NamedTool(name="f"), None, {"type": "tool", "name": "f"}),
    ],
)
def test_the_choice_among_tools(choice, parallel, told):
    sampling = Sampling(parallel_tool_calls=parallel)
    request = ask(tools=(WEATHER,), tool_choice=choice, sampling=sampling)
    assert body_of(request).get("tool_choice") == told


def test_without_tools_there_is_no_choice():
    request = ask(tool_choice="auto", sampling=Sampling(parallel_tool_calls=False))
    assert "tool_choice" not in body_of(request)


def test_calls_of_tools_that_are_offered_no_longer_have_their_tools_told():
    call = say("assistant", ToolCall(id="1", name="now", arguments="{}"))
    result = say("tool", ToolResult(call_id="1", text="noon"))
    body = body_of(ask(messages=(*HELLO.messages, call, result)))
    assert body["tools"] == [{"name": "now", "input_schema": {"type": "object"}}]
    assert body["tool_choice"] == {"type": "none"}


# -- knobs --------------------------------------------------------------------------------------
KNOBS = Sampling(temperature=1.7, top_p=0.5, seed=7, reasoning_effort="low", presence_penalty=1)


@pytest.mark.parametrize(
    ("model", "takes"),
    [
        ("claude-3-5-haiku-latest", True),
        ("claude-opus-4-20250514", True),
        ("claude-opus-4-1-20250805", True),
        ("claude-sonnet-4-6", True),
        ("claude-haiku-4-5@20251001", True),
        ("kimi-k2", True),
        ("claude-opus-4-7", False),
        ("claude-opus-4-8-20260601", False),
        ("claude-sonnet-5", False),
        ("claude-fable-5", False),
    ],
)
def test_new_models_take_an_effort_and_older_ones_a_temperature(model, takes):
    body = body_of(ask(sampling=KNOBS), model)
    assert body.get("temperature") == (1.0 if takes else None)
    expected = {"effort": "low"} if not takes else None
    assert body.get("output_config") == expected
    assert not body.keys() & {"top_p", "seed", "presence_penalty"}


def test_top_p_is_told_alone():
    assert body_of(ask(sampling=Sampling(top_p=0.5)))["top_p"] == 0.5


def test_stops_the_user_and_this_vendors_own_fields_are_told():
    extras = {"anthropic": {"top_k": 40, "thinking": {"type": "disabled"}, "odd": 1}}
    body = body_of(ask(stop=("END",), user="u-1", extras=extras, metadata={"a": "b"}))
    assert body["stop_sequences"] == ["END"]
    assert body["metadata"] == {"user_id": "u-1"}
    assert body["top_k"] == 40
    assert body["thinking"] == {"type": "disabled"}
    assert "odd" not in body


# -- the shape of the answer --------------------------------------------------------------------
def test_a_schema_is_asked_for_natively_beside_an_effort():
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    request = ask(output=SchemaJson(name="x", schema=schema), sampling=KNOBS)
    assert body_of(request, NEWER)["output_config"] == {
        "effort": "low",
        "format": {"type": "json_schema", "schema": schema | {"additionalProperties": False}},
    }


def test_objects_of_a_schema_are_closed_where_they_name_their_properties():
    inner = {"type": "object", "properties": {"properties": {"enum": [{"properties": {"a": 1}}]}}}
    schema = {
        "$defs": {"inner": inner},
        "type": "object",
        "properties": {"many": {"type": "array", "items": inner}, "any": {"type": "object"}},
        "anyOf": [inner, True],
        "allOf": [inner],
    }
    closed = inner | {"additionalProperties": False}
    assert close(schema) == {
        "$defs": {"inner": closed},
        "type": "object",
        "properties": {"many": {"type": "array", "items": closed}, "any": {"type": "object"}},
        "anyOf": [closed, True],
        "allOf": [inner],
        "additionalProperties": False,
    }


def test_some_json_is_asked_for_in_words():
    body = body_of(ask(output=AnyJson()))
    assert body["system"] == JSON_ALONE
    assert "output_config" not in body
