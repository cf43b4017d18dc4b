"""Chats and embeddings as the Generative Language API is asked them."""

import base64
import json
from dataclasses import replace

import pytest

from common.secrets import Secret
from providers.gemini import codec
from providers.protocols import Account, Target
from tests.providers.gemini.replies import ANSWER
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
    Video,
)
from vocabulary.embeddings import EmbeddingRequest
from vocabulary.errors import Unrepresentable

OLDER, NEWER = "gemini-2.5-flash", "gemini-3-flash-preview"
FIRST = "messages[1].parts[0]"
PDF = base64.b64encode(b"%PDF-1.7 ...").decode()
WEATHER = FunctionTool(
    name="get_weather",
    description="Tells the weather.",
    parameters={"type": "object", "properties": {"city": {"type": "string"}}},
)


def say(role, *parts):
    return Message(role=role, parts=tuple(Text(text=p) if isinstance(p, str) else p for p in parts))


HELLO = ChatRequest(model="m", messages=(say("user", "Hello"),))


def target_of(model=OLDER, **account):
    given = {"name": "a", "kind": "gemini", "base_url": "https://api.example"} | account
    return Target(account=Account(**given), model=model)


def encode(request=HELLO, model=OLDER, stream=False, **account):
    return codec.encode_chat(request, target_of(model, **account), stream=stream)


def body_of(request=HELLO, model=OLDER):
    return json.loads(encode(request, model).body)


def config_of(model=OLDER, **fields):
    return body_of(ask(**fields), model).get("generationConfig", {})


def ask(**fields):
    return replace(HELLO, **fields)


# -- where and how ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("base", "model", "options", "path"),
    [
        ("https://x", OLDER, {}, "/v1beta/models/gemini-2.5-flash:generateContent"),
        ("https://x/v1beta/", OLDER, {}, "/v1beta/models/gemini-2.5-flash:generateContent"),
        ("https://x", OLDER, {"api_version": "v1"}, "/v1/models/gemini-2.5-flash:generateContent"),
        ("https://x", "tunedModels/a b", {}, "/v1beta/tunedModels/a%20b:generateContent"),
    ],
)
def test_a_call_names_the_model_in_its_path_and_carries_the_key(base, model, options, path):
    call = encode(model=model, base_url=base, options=options, api_key=Secret("AIza"))
    assert (call.method, call.url) == ("POST", f"https://x{path}")
    assert call.headers == {"Content-Type": "application/json", "x-goog-api-key": "AIza"}


def test_a_stream_is_another_method():
    assert encode(stream=True).url.endswith("gemini-2.5-flash:streamGenerateContent?alt=sse")


def test_a_plain_question_says_nothing_more():
    assert body_of() == {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}


# -- contents -----------------------------------------------------------------------------------
def test_the_systems_words_stand_apart():
    messages = (say("system", "Be brief.", ""), *HELLO.messages, say("developer", "In French."))
    body = body_of(ask(messages=messages))
    assert body["systemInstruction"] == {"parts": [{"text": "Be brief."}, {"text": "In French."}]}
    assert len(body["contents"]) == 1


CALLS = (
    say("user", "Weather?"),
    say(
        "assistant",
        "One moment.",
        ToolCall(id="call_unnamed_r_0_1", name="get_weather", arguments='{"city": "Paris"}'),
        ToolCall(id="c2", name="now", arguments=""),
    ),
    say("tool", ToolResult(call_id="call_unnamed_r_0_1", text='{"degrees": 21}')),
    say("tool", ToolResult(call_id="c2", text="noon")),
    say("user", "And?"),
)


def test_results_of_tools_are_told_together_by_the_tools_names():
    _, said, results, asked = body_of(ask(messages=CALLS))["contents"]
    assert said == {
        "role": "model",
        "parts": [
            {"text": "One moment."},
            {"functionCall": {"name": "get_weather", "args": {"city": "Paris"}}},
            {"functionCall": {"id": "c2", "name": "now", "args": {}}},
        ],
    }
    assert results == {
        "role": "user",
        "parts": [
            {"functionResponse": {"name": "get_weather", "response": {"degrees": 21}}},
            {"functionResponse": {"id": "c2", "name": "now", "response": {"output": "noon"}}},
        ],
    }
    assert asked == {"role": "user", "parts": [{"text": "And?"}]}


def test_the_first_of_calls_that_lost_their_signature_gets_one_where_that_is_insisted_on():
    _, first, second = body_of(ask(messages=CALLS), NEWER)["contents"][1]["parts"]
    assert first["thoughtSignature"] == "skip_thought_signature_validator"
    assert "thoughtSignature" not in second


@pytest.mark.parametrize("model", [OLDER, NEWER])
def test_an_answer_is_said_again_as_it_was_given(model):
    answer = codec.decode_chat(json.dumps(ANSWER).encode()).choices[0].message
    _, said = body_of(ask(messages=(*HELLO.messages, answer)), model)["contents"]
    _, *given = ANSWER["candidates"][0]["content"]["parts"]  # its thoughts were not signed
    assert said["parts"][:2] == given[:2]
    assert said["parts"][2] == {"functionCall": {"id": "8f2b1a", "name": "now", "args": {}}}


def test_signatures_stand_where_they_came():
    answer = say(
        "assistant",
        Reasoning(text="Hm.", signature="s1"),
        Reasoning(text="Unsigned."),
        Reasoning(text="", signature="s2"),
        "Hello",
        Reasoning(text="", signature="s3"),
        Reasoning(text="", signature="s4"),
    )
    assert body_of(ask(messages=(*HELLO.messages, answer)))["contents"][1]["parts"] == [
        {"text": "Hm.", "thought": True, "thoughtSignature": "s1"},
        {"text": "Hello", "thoughtSignature": "s2"},
        {"text": "", "thoughtSignature": "s3"},
        {"text": "", "thoughtSignature": "s4"},
    ]


def test_neighbours_of_one_role_become_one_content():
    messages = (
        say("user", "Hello"),
        say("assistant", Reasoning(text="Another's.")),
        say("user", "Still there?"),
        say("assistant", Refusal(text="No.")),
    )
    contents = body_of(ask(messages=messages))["contents"]
    assert [content["role"] for content in contents] == ["user", "model"]
    assert contents[0]["parts"] == [{"text": "Hello"}, {"text": "Still there?"}]


@pytest.mark.parametrize("arguments", ['{"a": ', "[1]"])
def test_arguments_that_are_no_object_are_told_as_such(arguments):
    call = ToolCall(id="1", name="f", arguments=arguments)
    _, said = body_of(ask(messages=(*HELLO.messages, say("assistant", call))))["contents"]
    assert said["parts"][0]["functionCall"]["args"] == {"INVALID_JSON": arguments}


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (
            Image(at=Inline(data="AAAA", media_type="image/png")),
            {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
        ),
        (
            Audio(at=Inline(data="AAAA", media_type="audio/mpeg"), format="mp3"),
            {"inlineData": {"mimeType": "audio/mpeg", "data": "AAAA"}},
        ),
        (
            Video(at=Url(url="https://x/a.mp4?b=c")),
            {"fileData": {"fileUri": "https://x/a.mp4?b=c", "mimeType": "video/mp4"}},
        ),
        (Video(at=Url(url="https://x/watch")), {"fileData": {"fileUri": "https://x/watch"}}),
        (
            Document(at=Inline(data=PDF, media_type="application/octet-stream")),
            {"inlineData": {"mimeType": "application/pdf", "data": PDF}},
        ),
        (
            Document(at=Inline(data="AAAA", media_type=""), filename="a.csv"),
            {"inlineData": {"mimeType": "text/csv", "data": "AAAA"}},
        ),
    ],
)
def test_media_travel_as_parts(part, told):
    assert body_of(ask(messages=(say("user", part),)))["contents"][0]["parts"] == [told]


@pytest.mark.parametrize(
    ("message", "path"),
    [
        (say("user", Image(at=Stored(file_id="f"))), FIRST),
        (say("user", Document(at=Inline(data="AAAA", media_type=""))), FIRST),
        (say("user", ToolCall(id="1", name="f", arguments="{}")), FIRST),
        (say("tool", ToolResult(call_id="1", text="x")), f"{FIRST}.call_id"),
        (say("assistant", ToolResult(call_id="1", text="x")), FIRST),
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
        (ask(tools=(WEATHER, ServerTool(name="retrieval"))), "tools[1]"),
        (ask(output=Matching(pattern="a+")), "response_format"),
    ],
)
def test_what_cannot_be_asked_is_refused(request_, path):
    with pytest.raises(Unrepresentable) as refusal:
        encode(request_)
    assert refusal.value.path == path


# -- tools --------------------------------------------------------------------------------------
def test_all_functions_are_one_tool():
    assert body_of(ask(tools=(WEATHER, FunctionTool(name="now"))))["tools"] == [
        {
            "functionDeclarations": [
                {
                    "name": "get_weather",
                    "description": "Tells the weather.",
                    "parametersJsonSchema": WEATHER.parameters,
                },
                {"name": "now"},
            ]
        }
    ]


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ("auto", {"mode": "AUTO"}),
        ("none", {"mode": "NONE"}),
        ("required", {"mode": "ANY"}),
        (NamedTool(name="f"), {"mode": "ANY", "allowedFunctionNames": ["f"]}),
    ],
)
def test_the_choice_among_tools(choice, told):
    body = body_of(ask(tools=(WEATHER,), tool_choice=choice))
    assert body["toolConfig"] == {"functionCallingConfig": told}
    assert "toolConfig" not in body_of(ask(tool_choice=choice))


# -- knobs --------------------------------------------------------------------------------------
def test_knobs_go_by_their_names_there():
    sampling = Sampling(
        temperature=0.5,
        top_p=0.9,
        max_tokens=9,
        n=2,
        seed=7,
        presence_penalty=0.1,
        frequency_penalty=0.2,
        logprobs=True,
        top_logprobs=3,
        min_p=0.1,
    )
    assert config_of(sampling=sampling, stop=("END",)) == {
        "temperature": 0.5,
        "topP": 0.9,
        "maxOutputTokens": 9,
        "candidateCount": 2,
        "seed": 7,
        "presencePenalty": 0.1,
        "frequencyPenalty": 0.2,
        "responseLogprobs": True,
        "logprobs": 3,
        "stopSequences": ["END"],
    }


@pytest.mark.parametrize(
    ("model", "effort", "thinking"),
    [
        ("gemini-2.5-flash", "low", {"thinkingBudget": 1024}),
        ("gemini-2.5-pro", "high", {"thinkingBudget": 24576}),
        ("gemini-3-flash-preview", "low", {"thinkingLevel": "low"}),
        ("gemini-3.8-flash", "medium", {"thinkingLevel": "medium"}),
        ("gemini-3.8-flash", "none", None),
        ("gemini-2.0-flash", "low", None),
        ("gemma-3-27b-it", "low", None),
    ],
)
def test_an_effort_is_told_as_the_model_takes_it(model, effort, thinking):
    config = config_of(model, sampling=Sampling(reasoning_effort=effort))
    assert config.get("thinkingConfig") == thinking


def test_this_vendors_own_fields_are_told():
    safety = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]
    body = body_of(ask(extras={"gemini": {"topK": 40, "safetySettings": safety, "odd": 1}}))
    assert body["generationConfig"] == {"topK": 40}
    assert body["safetySettings"] == safety
    assert "odd" not in body


def test_json_is_asked_for_natively():
    assert config_of(output=AnyJson()) == {"responseMimeType": "application/json"}
    assert config_of(output=SchemaJson(name="x", schema={"type": "object"})) == {
        "responseMimeType": "application/json",
        "responseJsonSchema": {"type": "object"},
    }


# -- embeddings ---------------------------------------------------------------------------------
def test_texts_are_embedded_in_one_call():
    request = EmbeddingRequest(
        model="m",
        inputs=("a", "b"),
        dimensions=3,
        extras={"gemini": {"taskType": "RETRIEVAL_QUERY"}},
    )
    call = codec.encode_embedding(request, target_of("gemini-embedding-001"))
    assert call.url.endswith("/v1beta/models/gemini-embedding-001:batchEmbedContents")
    told = {
        "model": "models/gemini-embedding-001",
        "outputDimensionality": 3,
        "taskType": "RETRIEVAL_QUERY",
    }
    assert json.loads(call.body) == {
        "requests": [told | {"content": {"parts": [{"text": text}]}} for text in ("a", "b")]
    }


def test_token_ids_are_not_embedded():
    with pytest.raises(Unrepresentable) as refusal:
        codec.encode_embedding(EmbeddingRequest(model="m", inputs=("a", (1, 2))), target_of())
    assert refusal.value.path == "input[1]"
