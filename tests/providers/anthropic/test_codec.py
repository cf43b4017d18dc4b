"""Answers of the Messages API, whole and as they arrive: the two say the same."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.anthropic.codec import StreamDecoder, decode_chat
from providers.anthropic.thoughts import HIDDEN
from tests.providers.anthropic.replies import MESSAGE, OVERLOADED, TEXT, spell, stream
from vocabulary.chat import Finished, Reasoning, Refusal, Text, ToolCall, Usage
from vocabulary.errors import UpstreamRateLimited, UpstreamTimedOut, UpstreamUnavailable
from vocabulary.streams import fold

words = st.text(max_size=12)
blocks = st.one_of(
    st.builds(lambda text: {"type": "text", "text": text}, words),
    st.builds(
        lambda text, mark: {"type": "thinking", "thinking": text, "signature": mark},
        words,
        st.text(min_size=1, max_size=8),
    ),
    st.builds(lambda data: {"type": "redacted_thinking", "data": data}, words),
    st.builds(
        lambda name, given: {"type": "tool_use", "id": "t", "name": name, "input": given},
        words,
        st.dictionaries(words, words | st.integers() | st.none(), max_size=2),
    ),
    st.just({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}),
)
messages = st.builds(
    lambda content, reason: MESSAGE | {"content": content, "stop_reason": reason},
    st.lists(blocks, max_size=4),
    st.sampled_from(["end_turn", "max_tokens", "tool_use", "refusal", "a_new_one"]),
)


def whole(message):
    return decode_chat(json.dumps(message).encode())


def read(*chunks):
    decoder = StreamDecoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    return [*events, *decoder.close()]


def test_a_message_is_read_with_all_it_holds():
    response = whole(MESSAGE)
    (choice,) = response.choices
    assert choice.message.parts == (
        Reasoning(text="She means Paris.", signature="EqQBCgIYAg=="),
        Reasoning(text="", signature=HIDDEN.hide("EmwKAhgBEgy3va3pzix")),
        Text(text="It is in Paris."),
        ToolCall(
            id="toolu_01D7FLrfh4GYq7yT1ULFeyMV",
            name="get_weather",
            arguments='{"city": "Paris", "units": ["°C"]}',
        ),
        ToolCall(id="toolu_02", name="now", arguments="{}"),
    )
    assert (choice.finish, response.id, response.model) == (
        "tool_calls",
        "msg_013Zva2CMHLNnXjNJJKqJ2EF",
        "claude-sonnet-4-5-20250929",
    )


def test_cached_tokens_are_part_of_the_prompts():
    assert whole(MESSAGE).usage == Usage(
        prompt_tokens=420,
        completion_tokens=50,
        cached_tokens=300,
        cache_write_tokens=100,
        reasoning_tokens=12,
    )


@given(messages, st.integers(1, 7))
def test_a_stream_folds_to_the_whole_message(message, piece):
    assert fold(read(spell(stream(message, piece=piece)))) == whole(message)


@given(st.integers(1, 40))
def test_a_stream_may_be_cut_anywhere(size):
    text = spell(stream(MESSAGE))
    chunks = [text[i : i + size] for i in range(0, len(text), size)]
    assert fold(read(*chunks)) == whole(MESSAGE)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("pause_turn", "length"),
        ("tool_use", "tool_calls"),
        ("refusal", "content_filter"),
        ("a_new_one", "stop"),
    ],
)
def test_each_reason_to_stop_has_a_meaning(reason, finish):
    assert whole(TEXT | {"stop_reason": reason}).choices[0].finish == finish


def test_what_is_said_of_a_refusal_is_kept():
    details = {"type": "refusal", "category": "cyber", "explanation": "I cannot help with that."}
    refused = TEXT | {"stop_reason": "refusal", "stop_details": details, "content": []}
    assert whole(refused).choices[0].message.parts == (Refusal(text="I cannot help with that."),)
    assert fold(read(spell(stream(refused)))) == whole(refused)


def test_unknown_events_are_passed_over():
    events = stream(TEXT)
    odd = {"type": "content_block_delta", "index": 0, "delta": {"type": "citations_delta"}}
    events[2:2] = [{"type": "heartbeat"}, odd]
    assert fold(read(spell(events))) == whole(TEXT)


def test_a_stream_that_said_why_it_ended_is_whole_and_any_other_broken_off():
    events = stream(TEXT)
    assert read(spell(events[:-1]))[-2] == Finished(finish="stop")
    with pytest.raises(UpstreamUnavailable, match="broke off"):
        read(spell(events[:-2]))


@pytest.mark.parametrize(
    ("kind", "error", "status"),
    [
        ("overloaded_error", UpstreamRateLimited, 529),
        ("rate_limit_error", UpstreamRateLimited, 429),
        ("timeout_error", UpstreamTimedOut, None),
        ("api_error", UpstreamUnavailable, None),
    ],
)
def test_an_error_inside_a_stream_is_raised(kind, error, status):
    told = {"type": "error", "error": {"type": kind, "message": "Overloaded"}}
    with pytest.raises(error, match="Overloaded") as failure:
        read(spell([*stream(TEXT)[:3], told]))
    assert failure.value.status == status


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b"{}",
        b'{"content": [7]}',
        b'{"content": [{"type": "tool_use", "name": "f"}]}',
        b'{"content": [], "usage": {"input_tokens": "many"}}',
        json.dumps(OVERLOADED).encode(),
    ],
)
def test_a_misshapen_answer_is_no_answer(body):
    with pytest.raises(UpstreamUnavailable):
        decode_chat(body)


def test_a_misshapen_event_is_no_answer():
    with pytest.raises(UpstreamUnavailable):
        read(b'data: {"type": "message_start"}\n\n')
