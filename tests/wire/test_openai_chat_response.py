"""Whole and streamed answers in the OpenAI format, as servers really send them."""

from typing import Any

import pytest

from vocabulary.chat import (
    ChatResponse,
    Choice,
    Finished,
    Image,
    Message,
    Metered,
    PartEnded,
    PartGrew,
    PartStarted,
    Started,
    Text,
    ToolCall,
    Url,
    Usage,
)
from vocabulary.errors import InvalidRequest, Unrepresentable
from vocabulary.streams import explode, fold
from wire.openai_chat import ChunkDecoder, ChunkEncoder, parse_response, render_response


def response_of(*parts, finish="stop", **fields):
    choice = Choice(message=Message(role="assistant", parts=parts), finish=finish)
    return ChatResponse(id="chatcmpl-1", model="m", created=7, choices=(choice,), **fields)


def whole(message, **fields):
    return {"choices": [{"message": message, "finish_reason": "stop"} | fields]}


def chunk(delta=None, finish=None, **fields):
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    return {"id": "c", "created": 1, "model": "m", "choices": [choice]} | fields


def decode(*chunks, done=True):
    decoder = ChunkDecoder()
    events = [event for body in chunks for event in decoder.parse_chunk(body)]
    return [*events, *decoder.end(done=done)]


def encode(response, **options):
    encoder = ChunkEncoder(**options)
    return [body for event in explode(response) for body in encoder.render_event(event)]


# -- whole --------------------------------------------------------------------------------------
def test_a_response_has_the_fields_clients_rely_on():
    usage = Usage(prompt_tokens=3, completion_tokens=2, cached_tokens=1)
    assert render_response(response_of(Text(text="hi"), usage=usage)) == {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 7,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "hi", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 3,
            "completion_tokens": 2,
            "total_tokens": 5,
            "prompt_tokens_details": {"cached_tokens": 1},
            "completion_tokens_details": {"reasoning_tokens": 0},
        },
    }


def test_content_is_one_text_however_many_parts():
    body: Any = render_response(response_of(Text(text="a"), Text(text="b")))
    assert body["choices"][0]["message"]["content"] == "ab"


def test_content_is_null_beside_tool_calls():
    body: Any = render_response(response_of(ToolCall(id="c", name="f", arguments="{}")))
    assert body["choices"][0]["message"]["content"] is None


def test_an_image_in_an_answer_is_refused_not_dropped():
    image = Image(at=Url(url="https://example.com/a.png"))
    with pytest.raises(Unrepresentable):
        render_response(response_of(image))
    with pytest.raises(Unrepresentable):
        encode(response_of(image))


def test_sparse_answers_are_read():
    response = parse_response(whole({"content": "hi"}))
    assert response.text == "hi"
    assert (response.id, response.model, response.created, response.usage) == ("", "", 0, None)


@pytest.mark.parametrize(
    ("word", "finish"),
    [(None, "stop"), ("end_turn", "stop"), ("function_call", "tool_calls"), ("length", "length")],
)
def test_servers_words_for_the_end_are_understood(word, finish):
    response = parse_response(whole({"content": "x"}, finish_reason=word))
    assert response.choices[0].finish == finish


def test_arguments_sent_as_an_object_become_text():
    call = {"id": "c", "function": {"name": "f", "arguments": {"a": "ü"}}}
    response = parse_response(whole({"tool_calls": [call]}))
    assert response.choices[0].message.tool_calls[0].arguments == '{"a": "ü"}'


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "choices"),
        ({"choices": [{}]}, "choices[0].message"),
        (whole({"content": {"not": "text"}}), "choices[0].message.content"),
        (whole({"tool_calls": [{}]}), "choices[0].message.tool_calls[0].function"),
        (whole({}, logprobs={"content": [{}]}), "choices[0].logprobs.content[0].token"),
        ({"choices": [], "usage": {"prompt_tokens": -1}}, "usage.prompt_tokens"),
    ],
)
def test_a_misshapen_answer_is_named_by_its_path(body, path):
    with pytest.raises(InvalidRequest) as refusal:
        parse_response(body)
    assert refusal.value.path == path


# -- streamed, reading --------------------------------------------------------------------------
def test_a_stream_becomes_events():
    assert decode(
        chunk({"role": "assistant", "content": ""}),
        chunk({"content": "Hel"}),
        chunk({"content": "lo"}),
        chunk(finish="stop"),
        {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
    ) == [
        Started(id="c", model="m", created=1),
        PartStarted(index=0, part=Text(text="")),
        PartGrew(index=0, text="Hel"),
        PartGrew(index=0, text="lo"),
        PartEnded(index=0),
        Finished(finish="stop"),
        Metered(usage=Usage(prompt_tokens=3, completion_tokens=2)),
    ]


def test_of_counts_repeated_on_each_chunk_the_last_one_counts():
    counts = [{"prompt_tokens": 3, "completion_tokens": n} for n in (1, 2)]
    events = decode(chunk({"content": "a"}, usage=counts[0]), chunk(finish="stop", usage=counts[1]))
    metered = [event for event in events if isinstance(event, Metered)]
    assert metered == [Metered(usage=Usage(prompt_tokens=3, completion_tokens=2))]


def test_tool_calls_grow_side_by_side():
    response = fold(
        decode(
            chunk({"tool_calls": [piece(0, "a", "f"), piece(1, "b", "g")]}),
            chunk({"tool_calls": [piece(1, arguments="[1"), piece(0, arguments="{")]}),
            chunk({"tool_calls": [piece(0, arguments="}"), piece(1, arguments="]")]}),
            chunk(finish="tool_calls"),
        )
    )
    assert response.choices[0].message.tool_calls == (
        ToolCall(id="a", name="f", arguments="{}"),
        ToolCall(id="b", name="g", arguments="[1]"),
    )


def test_tool_calls_without_an_index_are_told_apart_by_their_ids():
    pieces = [piece(None, "a", "f", "{}"), piece(None, "b", "g", "["), piece(None, arguments="]")]
    events = decode(*[chunk({"tool_calls": [p]}) for p in pieces], chunk(finish="tool_calls"))
    assert fold(events).choices[0].message.tool_calls == (
        ToolCall(id="a", name="f", arguments="{}"),
        ToolCall(id="b", name="g", arguments="[]"),
    )


def piece(index, call_id=None, name=None, arguments=""):
    function = {"name": name, "arguments": arguments} if name else {"arguments": arguments}
    return {"index": index, "id": call_id, "function": function}


def test_done_ends_what_no_finish_reason_ended():
    decoder = ChunkDecoder()
    list(decoder.parse_chunk(chunk({"content": "a"})))
    assert not decoder.complete
    assert list(decoder.end(done=False)) == []
    assert not decoder.complete
    assert Finished(finish="stop") in list(decoder.end(done=True))
    assert decoder.complete


def test_a_stream_without_choices_is_not_complete():
    decoder = ChunkDecoder()
    list(decoder.parse_chunk({"choices": []}))
    list(decoder.end(done=True))
    assert not decoder.complete


# -- streamed, writing --------------------------------------------------------------------------
def test_every_chunk_says_the_same_id_time_and_model():
    chunks = encode(response_of(Text(text="hi")))
    assert {(c["id"], c["created"], c["model"], c["object"]) for c in chunks} == {
        ("chatcmpl-1", 7, "m", "chat.completion.chunk")
    }


def test_the_first_delta_says_the_role_and_the_last_one_why_it_ended():
    chunks = encode(response_of(Text(text="hi")))
    deltas = [c["choices"][0]["delta"] for c in chunks]
    assert deltas[0] == {"role": "assistant", "content": "", "refusal": None}
    assert deltas[1:] == [{"content": "hi"}, {}]
    assert [c["choices"][0]["finish_reason"] for c in chunks] == [None, None, "stop"]


def test_usage_is_told_only_to_those_who_ask():
    usage = Usage(prompt_tokens=3, completion_tokens=2)
    response = response_of(Text(text="hi"), usage=usage)
    assert all("usage" not in c for c in encode(response))
    *chunks, last = encode(response, include_usage=True)
    assert all(c["usage"] is None for c in chunks)
    assert last["choices"] == []
    assert last["usage"]["total_tokens"] == 5


def test_a_streamed_tool_call_names_itself_first():
    chunks = encode(response_of(ToolCall(id="c1", name="f", arguments="{}"), finish="tool_calls"))
    calls = [c["choices"][0]["delta"].get("tool_calls") for c in chunks]
    start = {"name": "f", "arguments": ""}
    assert calls == [
        None,
        [{"index": 0, "id": "c1", "type": "function", "function": start}],
        [{"index": 0, "function": {"arguments": "{}"}}],
        None,
    ]
