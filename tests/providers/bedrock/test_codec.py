"""Chats as calls to Converse, judged by AWS' own description of it; and answers read."""

import base64
from dataclasses import replace
from functools import cache
from typing import Any

import orjson
import pytest

from common.secrets import Secret
from providers.bedrock import codec
from providers.protocols import Account, Target
from tests.providers.bedrock.framing import event
from vocabulary.chat import (
    AnyJson,
    Audio,
    ChatRequest,
    Document,
    FunctionTool,
    Image,
    Inline,
    Matching,
    Message,
    NamedTool,
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
    Usage,
    Video,
)
from vocabulary.errors import Unrepresentable, UpstreamUnavailable
from vocabulary.streams import explode, fold

BASE = "https://bedrock-runtime.eu-west-1.amazonaws.com"
ACCOUNT = Account(name="aws", kind="bedrock", base_url=BASE, api_key=Secret("key"))
TARGET = Target(account=ACCOUNT, model="anthropic.claude-sonnet-4-v1:0")
WEATHER = FunctionTool(
    name="weather",
    description="Tells it.",
    parameters={"type": "object", "properties": {"city": {"type": "string"}}},
)


def user(*parts):
    said = tuple(Text(text=part) if isinstance(part, str) else part for part in parts)
    return Message(role="user", parts=said)


def assistant(*parts):
    return replace(user(*parts), role="assistant")


HELLO = ChatRequest(model="m", messages=(user("Hello"),))


def encode(request: ChatRequest = HELLO, **given: Any) -> dict[str, Any]:
    body = orjson.loads(codec.encode_chat(replace(request, **given), TARGET).body)
    assert_is_taken_by_aws(body)
    return body


def assert_is_taken_by_aws(body: dict[str, Any]) -> None:
    loaders = pytest.importorskip("botocore.validate")
    shape, decoded = _shape(), _with_bytes(body | {"modelId": TARGET.model})
    assert loaders.ParamValidator().validate(decoded, shape).generate_report() == ""


@cache
def _shape() -> Any:
    session = pytest.importorskip("botocore.session").get_session()
    model = session.get_service_model("bedrock-runtime")
    return model.operation_model("Converse").input_shape


def _with_bytes(value: Any) -> Any:
    """AWS' library takes bytes where JSON has base64."""
    if isinstance(value, dict):
        return {
            key: base64.b64decode(inner)
            if key in ("bytes", "redactedContent")
            else _with_bytes(inner)
            for key, inner in value.items()
        }
    return [_with_bytes(inner) for inner in value] if isinstance(value, list) else value


# -- the question -------------------------------------------------------------------------------
def test_the_model_is_in_the_path_and_a_resource_s_name_is_one_step_of_it():
    assert codec.encode_chat(HELLO, TARGET).url == (
        f"{BASE}/model/anthropic.claude-sonnet-4-v1:0/converse"
    )
    profile = replace(TARGET, model="arn:aws:bedrock:eu-west-1:1:inference-profile/eu.a.b-v1:0")
    assert codec.encode_chat(HELLO, profile, stream=True).url == (
        f"{BASE}/model/arn:aws:bedrock:eu-west-1:1:inference-profile%2Feu.a.b-v1:0/converse-stream"
    )


def test_turns_alternate_and_the_system_speaks_first():
    system = Message(role="system", parts=(Text(text="Be brief."),))
    developer = Message(role="developer", parts=(Text(text="In verse."),))
    body = encode(messages=(system, user("a"), user("b", ""), assistant("c"), developer, user("d")))
    assert body == {
        "system": [{"text": "Be brief."}, {"text": "In verse."}],
        "messages": [
            {"role": "user", "content": [{"text": "a"}, {"text": "b"}]},
            {"role": "assistant", "content": [{"text": "c"}]},
            {"role": "user", "content": [{"text": "d"}]},
        ],
    }


def test_media_are_blocks_of_their_own():
    data = base64.b64encode(b"bytes").decode()

    def inline(kind):
        return Inline(data=data, media_type=kind)

    body = encode(
        messages=(
            user(
                "see",
                Image(at=inline("image/jpg")),
                Image(at=Url(url="s3://box/a.png")),
                Document(at=inline("application/pdf"), filename="Año_1 (final).pdf"),
                Document(at=inline("application/octet-stream"), filename="notes.md"),
                Document(at=inline("text/plain; charset=utf-8")),
                Video(at=inline("video/mp4")),
                Audio(at=inline("audio/wav"), format="wav"),
            ),
        )
    )
    source = {"bytes": data}
    assert body["messages"][0]["content"][1:] == [
        {"image": {"format": "jpeg", "source": source}},
        {"image": {"format": "png", "source": {"s3Location": {"uri": "s3://box/a.png"}}}},
        {"document": {"format": "pdf", "source": source, "name": "A o 1 (final)"}},
        {"document": {"format": "md", "source": source, "name": "notes"}},
        {"document": {"format": "txt", "source": source, "name": "messages[0] parts[5]"}},
        {"video": {"format": "mp4", "source": source}},
        {"audio": {"format": "wav", "source": source}},
    ]


UNREPRESENTABLE = [
    Image(at=Url(url="https://pictures.test/a.png")),
    Image(at=Stored(file_id="f")),
    Image(at=Inline(data="", media_type="image/tiff")),
    Document(at=Inline(data="", media_type="application/zip")),
]


@pytest.mark.parametrize("part", UNREPRESENTABLE)
def test_media_it_cannot_take_are_refused_at_their_place(part):
    with pytest.raises(Unrepresentable) as refusal:
        encode(messages=(user("a", part),))
    assert refusal.value.path == "messages[0].parts[1]"


OTHER_REFUSALS = [
    {"sampling": Sampling(n=2)},
    {"tools": (ServerTool(name="retrieval"),)},
    {"output": Matching(pattern="a")},
    {"messages": (Message(role="system", parts=(UNREPRESENTABLE[0],)),)},
]


@pytest.mark.parametrize("given", OTHER_REFUSALS)
def test_other_things_it_cannot_carry_are_refused_too(given):
    with pytest.raises(Unrepresentable):
        encode(**given)


def test_calls_and_results_of_tools_are_blocks_of_both_speakers():
    result = Message(role="tool", parts=(ToolResult(call_id="c.1", text="rain"),))
    empty = Message(role="tool", parts=(ToolResult(call_id="c2", text=""),))
    calls = (
        ToolCall(id="c.1", name="weather", arguments='{"city": "Rome"}'),
        ToolCall(id="c2", name="weather", arguments=""),
        ToolCall(id="c3", name="weather", arguments="[1"),
    )
    body = encode(messages=(user("?"), assistant(*calls), result, empty), tools=(WEATHER,))
    uses = [block["toolUse"] for block in body["messages"][1]["content"]]
    assert [use["input"] for use in uses] == [{"city": "Rome"}, {}, {"arguments": "[1"}]
    assert uses[0]["toolUseId"] == "c_1"
    assert body["messages"][2] == {
        "role": "user",
        "content": [
            {"toolResult": {"toolUseId": "c_1", "content": [{"text": "rain"}]}},
            {"toolResult": {"toolUseId": "c2", "content": []}},
        ],
    }


def test_where_no_tool_may_be_called_earlier_calls_are_told_in_words():
    call = ToolCall(id="c", name="weather", arguments="{}")
    messages = (
        user("?"),
        assistant(call),
        Message(role="tool", parts=(ToolResult(call_id="c", text="rain"),)),
    )
    for given in ({}, {"tools": (WEATHER,), "tool_choice": "none"}):
        body = encode(messages=messages, **given)
        assert "toolConfig" not in body
        assert body["messages"][1:] == [
            {"role": "assistant", "content": [{"text": "(called the tool weather with {})"}]},
            {"role": "user", "content": [{"text": "(the tool answered: rain)"}]},
        ]


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ("auto", {"auto": {}}),
        ("required", {"any": {}}),
        (NamedTool(name="weather"), {"tool": {"name": "weather"}}),
    ],
)
def test_tools_and_the_choice_among_them(choice, told):
    bare = FunctionTool(name="now")
    body = encode(tools=(WEATHER, bare), tool_choice=choice)
    assert body["toolConfig"]["toolChoice"] == told
    assert body["toolConfig"]["tools"][1] == {
        "toolSpec": {"name": "now", "inputSchema": {"json": {"type": "object", "properties": {}}}}
    }


def test_thoughts_go_back_with_their_signature_and_no_others():
    hidden = Reasoning(text="", signature="redactedContent:AAEC")
    said = (Reasoning(text="hm", signature="s"), hidden, Reasoning(text="lost"), Refusal(text="no"))
    body = encode(messages=(user("?"), assistant(*said)))
    assert body["messages"][1]["content"] == [
        {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s"}}},
        {"reasoningContent": {"redactedContent": "AAEC"}},
        {"text": "no"},
    ]


def test_knobs_shapes_and_what_bedrock_alone_knows():
    body = encode(
        sampling=Sampling(max_tokens=9, temperature=0.5, top_p=0.9, seed=1, min_p=0.1),
        stop=("END",),
        output=SchemaJson(name="answer", schema={"type": "object"}, description="It."),
        metadata={"stays": "here"},
        extras={
            "bedrock": {
                "additionalModelRequestFields": {"top_k": 3},
                "guardrailConfig": {"guardrailIdentifier": "g", "guardrailVersion": "1"},
                "modelId": "another",
            }
        },
    )
    del body["messages"]
    assert body == {
        "inferenceConfig": {
            "maxTokens": 9,
            "temperature": 0.5,
            "topP": 0.9,
            "stopSequences": ["END"],
        },
        "outputConfig": {
            "textFormat": {
                "type": "json_schema",
                "structure": {
                    "jsonSchema": {
                        "name": "answer",
                        "description": "It.",
                        "schema": '{"type":"object"}',
                    }
                },
            }
        },
        "additionalModelRequestFields": {"top_k": 3},
        "guardrailConfig": {"guardrailIdentifier": "g", "guardrailVersion": "1"},
    }


def test_any_json_is_an_object():
    shape = encode(output=AnyJson())["outputConfig"]["textFormat"]["structure"]["jsonSchema"]
    assert shape["schema"] == '{"type":"object"}'


# -- the answer ---------------------------------------------------------------------------------
PICTURE = base64.b64encode(b"picture").decode()
WHOLE: dict[str, Any] = {
    "output": {
        "message": {
            "role": "assistant",
            "content": [
                {"reasoningContent": {"reasoningText": {"text": "let me see", "signature": "s1"}}},
                {"reasoningContent": {"redactedContent": "AAECAw=="}},
                {"text": "It rains."},
                {"image": {"format": "jpeg", "source": {"bytes": PICTURE}}},
                {"toolUse": {"toolUseId": "t1", "name": "weather", "input": {"city": "Rome"}}},
                {"toolUse": {"toolUseId": "t2", "name": "now", "input": {}}},
            ],
        }
    },
    "stopReason": "tool_use",
    "additionalModelResponseFields": {"score": 1},
    "usage": {
        "inputTokens": 10,
        "outputTokens": 5,
        "totalTokens": 22,
        "cacheReadInputTokens": 4,
        "cacheWriteInputTokens": 3,
    },
    "metrics": {"latencyMs": 7},
}
STREAM = [
    event("messageStart", {"role": "assistant", "p": "abc"}),
    *(
        event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"reasoningContent": delta}})
        for delta in ({"text": "let me "}, {"text": "see"}, {"signature": "s1"})
    ),
    event("contentBlockStop", {"contentBlockIndex": 0}),
    *(
        event(
            "contentBlockDelta",
            {"contentBlockIndex": 1, "delta": {"reasoningContent": {"redactedContent": piece}}},
        )
        for piece in ("AAE=", "AgM=")
    ),
    event("contentBlockStop", {"contentBlockIndex": 1}),
    *(
        event("contentBlockDelta", {"contentBlockIndex": 2, "delta": {"text": text}})
        for text in ("It ", "rains.")
    ),
    event("contentBlockStop", {"contentBlockIndex": 2}),
    event("contentBlockStart", {"contentBlockIndex": 3, "start": {"image": {"format": "jpeg"}}}),
    event(
        "contentBlockDelta",
        {"contentBlockIndex": 3, "delta": {"image": {"source": {"bytes": PICTURE}}}},
    ),
    event("contentBlockStop", {"contentBlockIndex": 3}),
    event(
        "contentBlockStart",
        {"contentBlockIndex": 4, "start": {"toolUse": {"toolUseId": "t1", "name": "weather"}}},
    ),
    *(
        event("contentBlockDelta", {"contentBlockIndex": 4, "delta": {"toolUse": {"input": text}}})
        for text in ('{"city":', ' "Rome"}')
    ),
    event("contentBlockStop", {"contentBlockIndex": 4}),
    event(
        "contentBlockStart",
        {"contentBlockIndex": 5, "start": {"toolUse": {"toolUseId": "t2", "name": "now"}}},
    ),
    event("contentBlockStop", {"contentBlockIndex": 5}),
    event("someLaterKind", {"x": 1}),
    event("messageStop", {"stopReason": "tool_use", "additionalModelResponseFields": {"score": 1}}),
    event("metadata", {"usage": WHOLE["usage"], "metrics": {"latencyMs": 7}}),
]


def test_a_whole_answer_is_read():
    response = codec.decode_chat(orjson.dumps(WHOLE))
    (choice,) = response.choices
    assert choice.message.parts == (
        Reasoning(text="let me see", signature="s1"),
        Reasoning(text="", signature="redactedContent:AAECAw=="),
        Text(text="It rains."),
        Image(at=Inline(data=PICTURE, media_type="image/jpeg")),
        ToolCall(id="t1", name="weather", arguments='{"city": "Rome"}'),
        ToolCall(id="t2", name="now", arguments="{}"),
    )
    assert choice.finish == "tool_calls"
    assert choice.message.extras == {"bedrock": {"additionalModelResponseFields": {"score": 1}}}
    assert response.usage == Usage(
        prompt_tokens=17, completion_tokens=5, cached_tokens=4, cache_write_tokens=3
    )


def test_a_stream_is_the_same_answer_wherever_it_is_cut():
    whole = codec.decode_chat(orjson.dumps(WHOLE))
    for size in (1, 7, 100_000):
        data, decoder = b"".join(STREAM), codec.StreamDecoder()
        events = [e for i in range(0, len(data), size) for e in decoder.feed(data[i : i + size])]
        events += decoder.close()
        assert fold(events) == whole
        assert decoder.done
    assert fold(explode(whole)) == whole


def test_words_with_citations_are_words():
    cited = {"citationsContent": {"content": [{"text": "It "}, {"text": "rains."}]}}
    body = {**WHOLE, "output": {"message": {"content": [cited]}}}
    assert codec.decode_chat(orjson.dumps(body)).text == "It rains."


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("guardrail_intervened", "content_filter"),
        ("content_filtered", "content_filter"),
        ("malformed_tool_use", "error"),
        ("something_new", "stop"),
    ],
)
def test_each_reason_to_stop_has_a_meaning(reason, finish):
    response = codec.decode_chat(orjson.dumps(WHOLE | {"stopReason": reason}))
    assert response.choices[0].finish == finish


MISSHAPEN = [
    {},
    {"output": {}},
    {"output": {"message": {"content": [{"novelty": {}}]}}},
    {"output": {"message": {"content": [{"toolUse": {"name": "f"}}]}}},
    {"output": {"message": {"content": [{"reasoningContent": {"redactedContent": "?"}}]}}},
    {"output": {"message": {"content": ["text"]}}},
]


@pytest.mark.parametrize("body", MISSHAPEN)
def test_an_answer_of_another_shape_is_none(body):
    with pytest.raises(UpstreamUnavailable, match="misshapen"):
        codec.decode_chat(orjson.dumps(body))
