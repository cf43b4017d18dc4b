"""What a chat request in the OpenAI format may say, and where it is refused."""

from dataclasses import replace
from typing import Any

import pytest

from vocabulary.chat import (
    Audio,
    Document,
    FunctionTool,
    Image,
    Inline,
    Matching,
    Message,
    NamedTool,
    OneOf,
    Reasoning,
    SchemaJson,
    ServerTool,
    Stored,
    Text,
    ToolCall,
    ToolResult,
    Url,
)
from vocabulary.errors import InvalidRequest, Unrepresentable
from wire.openai_chat import Delivery, parse_delivery, parse_request, render_request

HELLO = {"role": "user", "content": "hello"}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def request_with(**changes):
    return {"model": "m", "messages": [HELLO]} | changes


def parse_content(content):
    return parse_request(request_with(messages=[{"role": "user", "content": content}])).messages[0]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (None, ""),
        ([], ""),
        ("text", ""),
        ({"messages": [HELLO]}, "model"),
        (request_with(model=7), "model"),
        ({"model": "m"}, "messages"),
        (request_with(messages=[]), "messages"),
        (request_with(messages={}), "messages"),
        (request_with(messages=[HELLO, "hi"]), "messages[1]"),
        (request_with(messages=[{"content": "x"}]), "messages[0].role"),
        (request_with(messages=[{"role": "robot", "content": "x"}]), "messages[0].role"),
        (request_with(messages=[{"role": "function", "content": "x"}]), "messages[0].role"),
        (request_with(messages=[{"role": "user"}]), "messages[0].content"),
        (request_with(messages=[{"role": "user", "content": 7}]), "messages[0].content"),
        (request_with(messages=[HELLO | {"name": 7}]), "messages[0].name"),
        (request_with(messages=[{"role": "tool", "content": "x"}]), "messages[0].tool_call_id"),
        (
            request_with(messages=[HELLO, HELLO, {"role": "user", "content": [{"type": "vidoe"}]}]),
            "messages[2].content[0].type",
        ),
        (
            request_with(messages=[{"role": "user", "content": [{"type": "text"}]}]),
            "messages[0].content[0].text",
        ),
        (
            request_with(
                messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]
            ),
            "messages[0].content[0].image_url.url",
        ),
        (
            request_with(
                messages=[{"role": "system", "content": [{"type": "image_url", "image_url": "x"}]}]
            ),
            "messages[0].content[0].type",
        ),
        (
            request_with(messages=[{"role": "assistant", "tool_calls": [CALL, CALL | {"id": 1}]}]),
            "messages[0].tool_calls[1].id",
        ),
        (
            request_with(messages=[{"role": "assistant", "tool_calls": [{"type": "custom"}]}]),
            "messages[0].tool_calls[0].type",
        ),
        (request_with(messages=[{"role": "assistant", "audio": {"id": "a"}}]), "messages[0].audio"),
        (request_with(temperature=True), "temperature"),
        (request_with(temperature="hot"), "temperature"),
        (request_with(temperature=2.1), "temperature"),
        (request_with(top_p=-1), "top_p"),
        (request_with(n=0), "n"),
        (request_with(n=1.5), "n"),
        (request_with(max_tokens=0), "max_tokens"),
        (request_with(max_completion_tokens="9"), "max_completion_tokens"),
        (request_with(top_logprobs=21), "top_logprobs"),
        (request_with(logprobs="yes"), "logprobs"),
        (request_with(logit_bias={"50256": "x"}), "logit_bias.50256"),
        (request_with(stop=["a"] * 5), "stop"),
        (request_with(stop=["a", 1]), "stop[1]"),
        (request_with(metadata={"k": 1}), "metadata.k"),
        (request_with(metadata={str(i): "" for i in range(17)}), "metadata"),
        (request_with(user=1), "user"),
        (request_with(tools={}), "tools"),
        (request_with(tools=[{"type": "function", "function": {}}]), "tools[0].function.name"),
        (request_with(tools=[{"type": "custom", "custom": {"name": "x"}}]), "tools[0].type"),
        (request_with(tools=[{"type": "retrieval"}]), "tools[0].type"),
        (request_with(tool_choice="always"), "tool_choice"),
        (request_with(tool_choice={"type": "allowed_tools"}), "tool_choice.type"),
        (request_with(tool_choice=3), "tool_choice"),
        (request_with(response_format={"type": "xml"}), "response_format.type"),
        (request_with(response_format="json_object"), "response_format"),
        (
            request_with(response_format={"type": "json_schema", "json_schema": {}}),
            "response_format.json_schema.name",
        ),
        (request_with(functions=[]), "functions"),
        (request_with(modalities=["text", "audio"]), "modalities[1]"),
        (request_with(web_search_options={}), "web_search_options"),
    ],
)
def test_a_fault_is_named_by_its_exact_path(body, path):
    with pytest.raises(InvalidRequest) as refusal:
        parse_request(body)
    assert refusal.value.path == path


@pytest.mark.parametrize("body", [{"messages": [HELLO]}, {"model": "m"}])
def test_an_absent_required_field_is_missing(body):
    with pytest.raises(InvalidRequest) as refusal:
        parse_request(body)
    assert refusal.value.missing


def test_null_stands_for_absent():
    optional = ("temperature", "tools", "tool_choice", "stop", "n", "response_format", "metadata")
    assert parse_request(request_with(**dict.fromkeys(optional))) == parse_request(request_with())


def test_unknown_fields_are_ignored():
    assert parse_request(request_with(use_beam_search=True)) == parse_request(request_with())


def test_fields_that_label_or_tune_are_said_again_as_they_came():
    body = request_with(service_tier="flex", prompt_cache_key="k")
    request = parse_request(body)
    assert request.extras == {"openai": {"service_tier": "flex", "prompt_cache_key": "k"}}
    assert render_request(request) == body


def test_the_newer_length_limit_wins():
    sampling = parse_request(request_with(max_tokens=5, max_completion_tokens=7)).sampling
    assert sampling.max_tokens == 7


def test_whole_numbers_may_be_spelled_with_a_point():
    assert parse_request(request_with(n=2.0)).sampling.n == 2


def test_content_may_mix_bare_strings_and_parts():
    message = parse_content(["hello ", {"type": "text", "text": "world"}])
    assert message.text == "hello world"


@pytest.mark.parametrize(
    "image_url", ["https://example.com/a.png", {"url": "https://example.com/a.png"}]
)
def test_an_image_address_may_be_a_plain_string(image_url):
    message = parse_content([{"type": "image_url", "image_url": image_url}])
    assert message.parts == (Image(at=Url(url="https://example.com/a.png")),)


def test_a_data_url_is_inline():
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    inline = Inline(data="AAAA", media_type="image/png")
    assert parse_content([image]).parts == (Image(at=inline),)


def test_files_come_by_id_or_inline():
    parts = parse_content(
        [
            {"type": "file", "file": {"file_id": "file-1"}},
            {"type": "file", "file": {"file_data": "AAAA", "filename": "a.pdf"}},
        ]
    ).parts
    assert parts == (
        Document(at=Stored(file_id="file-1")),
        Document(at=Inline(data="AAAA", media_type="application/octet-stream"), filename="a.pdf"),
    )


def test_an_assistants_empty_content_is_no_part():
    message = {"role": "assistant", "content": "", "tool_calls": [CALL]}
    parts = parse_request(request_with(messages=[message])).messages[0].parts
    assert parts == (ToolCall(id="c1", name="f", arguments="{}"),)


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_reasoning_goes_by_two_names(field):
    message = {"role": "assistant", "content": "4", field: "2+2"}
    parts = parse_request(request_with(messages=[message])).messages[0].parts
    assert parts == (Reasoning(text="2+2"), Text(text="4"))


def test_our_own_tools_are_read_by_their_type():
    body = request_with(
        tools=[
            {"type": "function", "function": {"name": "f"}},
            {"type": "retrieval", "retrieval": {"bucket_ids": ["b"]}},
        ],
        tool_choice={"type": "function", "function": {"name": "f"}},
    )
    request = parse_request(body, server_tools={"retrieval"})
    assert request.tools == (
        FunctionTool(name="f"),
        ServerTool(name="retrieval", options={"bucket_ids": ["b"]}),
    )
    assert request.tool_choice == NamedTool(name="f")
    with pytest.raises(Unrepresentable) as refusal:
        render_request(request)
    assert refusal.value.path == "tools[1]"


def test_a_tool_message_is_written_once_for_each_result():
    results = (ToolResult(call_id="a", text="1"), ToolResult(call_id="b", text="2"))
    request = parse_request(request_with())
    body = render_request(replace(request, messages=(Message(role="tool", parts=results),)))
    assert body["messages"] == [
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "tool", "tool_call_id": "b", "content": "2"},
    ]


@pytest.mark.parametrize(
    "message",
    [
        Message(role="user", parts=(Image(at=Stored(file_id="f")),)),
        Message(role="user", parts=(Audio(at=Url(url="https://example.com/a.mp3")),)),
        Message(role="user", parts=(Document(at=Url(url="https://example.com/a.pdf")),)),
        Message(role="user", parts=(ToolCall(id="a", name="f", arguments=""),)),
        Message(role="tool", parts=(Text(text="x"),)),
    ],
)
def test_content_the_format_lacks_is_refused_not_dropped(message):
    with pytest.raises(Unrepresentable) as refusal:
        render_request(replace(parse_request(request_with()), messages=(message,)))
    assert refusal.value.path == "messages[0].parts[0]"


@pytest.mark.parametrize(
    ("output", "schema"),
    [
        (OneOf(choices=("a", "b")), {"type": "string", "enum": ["a", "b"]}),
        (Matching(pattern="a+"), {"type": "string", "pattern": "a+"}),
    ],
)
def test_choices_and_patterns_are_written_as_a_schema_of_a_string(output, schema):
    body: Any = render_request(replace(parse_request(request_with()), output=output))
    assert body["response_format"]["json_schema"]["schema"] == schema


def test_a_schema_keeps_its_name_and_strictness():
    given = {"name": "n", "schema": {"type": "object"}, "strict": True}
    body = request_with(response_format={"type": "json_schema", "json_schema": given})
    output = SchemaJson(name="n", schema={"type": "object"}, strict=True)
    assert parse_request(body).output == output


@pytest.mark.parametrize(
    ("body", "delivery"),
    [
        ({}, Delivery()),
        ({"stream": True}, Delivery(stream=True)),
        (
            {"stream": True, "stream_options": {"include_usage": True}},
            Delivery(stream=True, include_usage=True),
        ),
        ({"stream": None, "stream_options": None}, Delivery()),
    ],
)
def test_delivery_is_read_apart_from_the_question(body, delivery):
    assert parse_delivery(body) == delivery
