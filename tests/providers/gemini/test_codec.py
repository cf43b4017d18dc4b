"""Answers of the Generative Language API, whole and as they arrive: the two say the same."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.gemini.codec import StreamDecoder, decode_chat, decode_embedding, decode_error
from tests.providers.gemini.replies import ANSWER, BLOCKED, BUSY, TEXT, answer, spell, stream
from vocabulary.chat import (
    Audio,
    Image,
    Inline,
    Reasoning,
    Started,
    Text,
    TokenLogprob,
    ToolCall,
    Usage,
)
from vocabulary.errors import UpstreamRateLimited, UpstreamUnavailable
from vocabulary.streams import fold
from wire.http import Reply

words = st.text(max_size=12)
signed = st.just({}) | st.builds(lambda s: {"thoughtSignature": s}, st.text(min_size=1, max_size=5))
plain = st.one_of(
    st.builds(lambda text: {"text": text}, words),
    st.builds(lambda text: {"text": text, "thought": True}, words),
    st.builds(
        lambda name, args, call_id: {"functionCall": {"name": name, "args": args} | call_id},
        words,
        st.dictionaries(words, words | st.integers() | st.none(), max_size=2),
        st.sampled_from([{}, {"id": "c1"}]),
    ),
    st.just({"inlineData": {"mimeType": "image/png", "data": "AAAA"}}),
    st.just({"executableCode": {"language": "PYTHON", "code": "1"}}),
)
parts = st.builds(lambda part, signature: part | signature, plain, signed)
candidates = st.builds(
    lambda content, reason: {"content": {"parts": content}, "finishReason": reason},
    st.lists(parts, max_size=4),
    st.sampled_from(["STOP", "MAX_TOKENS", "SAFETY", "A_NEW_ONE"]),
)
answers = st.lists(candidates, min_size=1, max_size=2).map(
    lambda many: ANSWER | {"candidates": [one | {"index": i} for i, one in enumerate(many)]}
)


def whole(body):
    return decode_chat(json.dumps(body).encode())


def read(*chunks):
    decoder = StreamDecoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    return [*events, *decoder.close()]


def test_an_answer_is_read_with_all_it_holds():
    response = whole(ANSWER)
    (choice,) = response.choices
    made = "call_unnamed_mAitaLmkHPPlz7IPvtfUqQ4_0_3"
    assert choice.message.parts == (
        Reasoning(text="She means Paris."),
        Text(text="It is in Paris."),
        Reasoning(text="", signature="CpYBAVSoXO4="),
        ToolCall(id=made, name="get_weather", arguments='{"city": "Paris"}'),
        ToolCall(id="8f2b1a", name="now", arguments="{}"),
    )
    assert (choice.finish, response.id, response.model) == (
        "tool_calls",
        "mAitaLmkHPPlz7IPvtfUqQ4",
        "gemini-2.5-flash",
    )


def test_thoughts_are_part_of_the_completion():
    assert whole(ANSWER).usage == Usage(
        prompt_tokens=400,
        completion_tokens=52,
        cached_tokens=300,
        reasoning_tokens=12,
        audio_tokens=10,
    )


@given(answers, st.integers(1, 7))
def test_a_stream_folds_to_the_whole_answer(body, piece):
    assert fold(read(spell(stream(body, piece=piece)))) == whole(body)


@given(st.integers(1, 40))
def test_a_stream_may_be_cut_anywhere(size):
    text = spell(stream(ANSWER))
    chunks = [text[i : i + size] for i in range(0, len(text), size)]
    assert fold(read(*chunks)) == whole(ANSWER)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("SPII", "content_filter"),
        ("MODEL_ARMOR", "content_filter"),
        ("CONTINUATION", "length"),
        ("MALFORMED_FUNCTION_CALL", "error"),
        ("OTHER", "error"),
    ],
)
def test_each_reason_to_stop_has_a_meaning(reason, finish):
    assert whole(answer({"text": "a"}, reason=reason)).choices[0].finish == finish


def test_a_reason_that_comes_with_every_piece_counts_at_the_end():
    pieces = [answer({"text": "a"}), answer({"text": "b"}, reason="MAX_TOKENS")]
    response = fold(read(spell(pieces)))
    assert (response.text, response.choices[0].finish) == ("ab", "length")


def test_a_signature_that_comes_last_is_kept_for_the_words_before_it():
    signature = {"text": "", "thoughtSignature": "sig"}
    response = fold(read(spell([answer({"text": "a"}, reason=None), answer(signature)])))
    assert response.choices[0].message.parts == (
        Text(text="a"),
        Reasoning(text="", signature="sig"),
    )


def test_signed_thoughts_keep_their_signature():
    thought = {"text": "Hm.", "thought": True, "thoughtSignature": "sig"}
    (choice,) = whole(answer(thought)).choices
    assert choice.message.parts == (Reasoning(text="Hm.", signature="sig"),)


def test_a_blocked_question_has_an_empty_answer():
    response = whole(BLOCKED)
    assert [choice.finish for choice in response.choices] == ["content_filter"]
    assert response.text == ""
    assert response.usage == Usage(prompt_tokens=7)
    assert fold(read(spell([BLOCKED]))) == response


def test_media_come_through():
    image = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}
    sound = {"inlineData": {"mimeType": "audio/wav", "data": "BBBB"}}
    assert whole(answer(image, sound)).choices[0].message.parts == (
        Image(at=Inline(data="AAAA", media_type="image/png")),
        Audio(at=Inline(data="BBBB", media_type="audio/wav")),
    )


def test_log_probabilities_belong_to_the_words():
    result = {
        "chosenCandidates": [{"token": "Hi", "logProbability": -0.5}],
        "topCandidates": [{"candidates": [{"token": "Hi", "logProbability": -0.5}]}],
    }
    token = TokenLogprob(token="Hi", logprob=-0.5, top=(("Hi", -0.5),))
    thought, said = {"text": "Hm", "thought": True}, {"text": "Hi"}
    (choice,) = whole(answer(thought, said, logprobsResult=result)).choices
    assert choice.logprobs == (token,)
    assert choice.message.parts == (Reasoning(text="Hm"), Text(text="Hi"))
    (alone,) = whole(answer(logprobsResult=result)).choices
    assert alone.logprobs == (token,)


# -- what goes wrong ----------------------------------------------------------------------------
def test_a_stream_whose_candidates_do_not_say_why_they_ended_is_broken_off():
    pieces = stream(TEXT)
    with pytest.raises(UpstreamUnavailable, match="broke off"):
        read(spell(pieces[:2]))
    with pytest.raises(UpstreamUnavailable, match="broke off"):
        read(b"")
    assert isinstance(next(iter(StreamDecoder().feed(spell(pieces[:1])))), Started)


@pytest.mark.parametrize(
    ("code", "error"), [(429, UpstreamRateLimited), (503, UpstreamUnavailable)]
)
def test_an_error_inside_a_stream_is_raised(code, error):
    told = {"error": {"code": code, "message": "The model is overloaded.", "status": "X"}}
    with pytest.raises(error, match="overloaded"):
        read(spell([*stream(TEXT)[:1], told]))


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b"{}",
        b'{"candidates": []}',
        b'{"candidates": [7]}',
        b'{"candidates": [{"content": {"parts": [{"functionCall": {"args": {}}}]}}]}',
        b'{"candidates": [{}], "usageMetadata": {"promptTokenCount": "many"}}',
    ],
)
def test_a_misshapen_answer_is_no_answer(body):
    with pytest.raises(UpstreamUnavailable):
        decode_chat(body)
    with pytest.raises(UpstreamUnavailable):
        read(b"data: " + body + b"\n\n")


@pytest.mark.parametrize(
    ("headers", "body", "wait"),
    [
        ({}, BUSY, 34.5),
        ({"retry-after": "3"}, BUSY, 3.0),
        ({}, {"error": {"message": "no"}}, None),
        ({}, {"error": {"details": [{"retryDelay": "soon"}]}}, None),
        ({}, {"error": {"details": [7]}}, None),
        ({}, [BUSY], None),
    ],
)
def test_how_long_to_wait_stands_in_the_body(headers, body, wait):
    reply = Reply(status=429, headers=headers, body=json.dumps(body).encode())
    error = decode_error(reply, "acme", datetime.now(UTC))
    assert isinstance(error, UpstreamRateLimited)
    assert error.retry_after == wait


# -- embeddings ---------------------------------------------------------------------------------
def test_vectors_are_read_in_their_order():
    body = {"embeddings": [{"values": [0.5, 1]}, {"values": [2]}]}
    response = decode_embedding(json.dumps(body).encode())
    assert (response.vectors, response.usage) == (((0.5, 1), (2,)), Usage())
    told = body | {"usageMetadata": {"promptTokenCount": 9}}
    assert decode_embedding(json.dumps(told).encode()).usage == Usage(prompt_tokens=9)


@pytest.mark.parametrize("body", [b"{}", b'{"embeddings": [{"values": ["a"]}]}', b"x"])
def test_misshapen_vectors_are_none(body):
    with pytest.raises(UpstreamUnavailable):
        decode_embedding(body)
