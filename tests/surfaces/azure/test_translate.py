"""Fields beyond the API, vectors as bytes, and how a stream that breaks ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surfaces.azure.errors import render_error, render_stream_error
from surfaces.azure.translate.chat import parse_chat
from surfaces.azure.translate.embeddings import SPELLINGS, render_embeddings
from surfaces.azure.translate.parameters import HEADER, ExtraParameter, settle
from vocabulary.chat import Usage
from vocabulary.embeddings import EmbeddingResponse
from vocabulary.errors import (
    InvalidRequest,
    RateLimited,
    Unrepresentable,
    UpstreamRefused,
    UpstreamUnavailable,
)

SAID = {"messages": [{"role": "user", "content": "hi"}]}
KNOWN = frozenset({"messages"})


@pytest.mark.parametrize("word", ["", "error", " Error "])
def test_unknown_fields_are_refused_by_name(word: str):
    with pytest.raises(ExtraParameter) as refused:
        settle({**SAID, "b": 1, "a": 2}, KNOWN, word)
    assert refused.value.path == "a"


def test_a_word_that_the_header_does_not_know_is_refused():
    with pytest.raises(InvalidRequest) as refused:
        settle(SAID, KNOWN, "maybe")
    assert refused.value.path == HEADER


def test_what_is_passed_through_is_read_where_the_format_knows_it():
    body = {**SAID, "n": 2, "unheard_of": {"a": 1}}
    request = parse_chat(body, {HEADER: "pass-through"}, model="m")
    assert request.sampling.n == 2
    assert request.extras == {"openai": {"unheard_of": {"a": 1}}}
    assert parse_chat(body, {HEADER: "drop"}, model="m").extras == {}


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=40), st.sampled_from(sorted(SPELLINGS)))
def test_every_spelling_has_its_kind_and_length(vector: list[float], spelling: str):
    response = EmbeddingResponse(model="m", vectors=(tuple(vector),), usage=Usage())
    [row] = render_embeddings(response, spelling)["data"]
    told = row["embedding"]
    match spelling:
        case "base64":
            assert isinstance(told, str)
        case "float":
            assert told == vector
        case "int8":
            assert len(told) == len(vector) and all(-128 <= number <= 127 for number in told)
        case "uint8":
            assert len(told) == len(vector) and all(0 <= number <= 255 for number in told)
        case "binary":
            assert len(told) == -(-len(vector) // 8) and all(-128 <= byte <= 127 for byte in told)
        case "ubinary":
            bits = "".join(f"{byte:08b}" for byte in told)
            assert [bit == "1" for bit in bits[: len(vector)]] == [n > 0 for n in vector]


def test_only_what_may_be_repeated_says_when():
    assert render_error(RateLimited(retry_after=3)).headers["retry-after"] == "3"
    for error in (UpstreamRefused(status=401), InvalidRequest("a", "b"), UpstreamUnavailable()):
        assert "retry-after" not in render_error(error).headers


def test_what_a_model_cannot_do_is_a_422_with_its_place():
    answer = render_error(Unrepresentable("messages[0].content", "cannot be carried"))
    assert answer.status == 422 and answer.body["error"]["target"] == "messages[0].content"
    assert answer.body["detail"] == {"loc": ["body", "messages", "0", "content"]}


def test_a_broken_stream_ends_with_a_choice_that_its_reader_does_not_pass_over():
    [choice] = render_stream_error(UpstreamUnavailable("gone"))["choices"]
    assert choice["finish_reason"] == "error"
