"""Embeddings in the OpenAI format."""

import base64
import struct

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.chat import Usage
from vocabulary.embeddings import EmbeddingRequest, EmbeddingResponse
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json
from wire.openai_embeddings import (
    parse_request,
    parse_response,
    parse_spelling,
    render_request,
    render_response,
)

inputs = st.text(min_size=1, max_size=9) | st.lists(st.integers(0, 9), min_size=1).map(tuple)
requests = st.builds(
    EmbeddingRequest,
    model=st.text(max_size=9),
    inputs=st.lists(inputs, min_size=1, max_size=4).map(tuple),
    dimensions=st.none() | st.integers(1, 9),
    user=st.none() | st.text(max_size=9),
)
float32 = st.floats(width=32, allow_nan=False, allow_infinity=False)
responses = st.builds(
    EmbeddingResponse,
    model=st.text(max_size=9),
    vectors=st.lists(st.lists(float32, max_size=4).map(tuple), max_size=3).map(tuple),
    usage=st.builds(Usage, prompt_tokens=st.integers(0, 9)),
)


@given(requests)
def test_a_rendered_request_parses_to_itself(request):
    assert parse_request(orjson.loads(orjson.dumps(render_request(request)))) == request


@given(responses, st.sampled_from(["float", "base64"]))
def test_a_rendered_response_parses_to_itself_in_both_spellings(response, spelling):
    body = orjson.loads(orjson.dumps(render_response(response, spelling)))
    assert parse_response(body) == response


def test_base64_is_of_little_endian_float32():
    response = EmbeddingResponse(model="m", vectors=((1.0, -2.5),), usage=Usage())
    body = orjson.loads(orjson.dumps(render_response(response, "base64")))
    assert base64.b64decode(body["data"][0]["embedding"]) == struct.pack("<2f", 1.0, -2.5)


def test_vectors_come_in_the_order_of_their_inputs():
    rows: list[Json] = [{"index": 1, "embedding": [1.0]}, {"index": 0, "embedding": [0.0]}]
    assert parse_response({"data": rows}).vectors == ((0.0,), (1.0,))


def test_a_bare_text_and_bare_token_ids_are_one_input_each():
    assert parse_request({"model": "m", "input": "hi"}).inputs == ("hi",)
    assert parse_request({"model": "m", "input": [1, 2]}).inputs == ((1, 2),)


def test_numbers_are_the_default_spelling():
    assert parse_spelling({}) == "float"
    assert parse_spelling({"encoding_format": "base64"}) == "base64"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"input": "x"}, "model"),
        ({"model": "m"}, "input"),
        ({"model": "m", "input": ""}, "input"),
        ({"model": "m", "input": []}, "input"),
        ({"model": "m", "input": 3}, "input"),
        ({"model": "m", "input": ["x"] * 2049}, "input"),
        ({"model": "m", "input": ["x", ""]}, "input[1]"),
        ({"model": "m", "input": ["x", 3]}, "input[1]"),
        ({"model": "m", "input": ["x", [1, "y"]]}, "input[1][1]"),
        ({"model": "m", "input": [1, 2.5]}, "input[1]"),
        ({"model": "m", "input": "x", "dimensions": 0}, "dimensions"),
    ],
)
def test_a_fault_is_named_by_its_exact_path(body, path):
    with pytest.raises(InvalidRequest) as refusal:
        parse_request(body)
    assert refusal.value.path == path


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": [{}]},
        {"data": [{"embedding": "not base64!"}]},
        {"data": [{"embedding": "AAA="}]},
        {"data": [{"embedding": ["x"]}]},
        {"data": [{"index": 1, "embedding": []}]},
    ],
)
def test_a_misshapen_answer_is_refused(body):
    with pytest.raises(InvalidRequest):
        parse_response(body)


def test_an_unknown_spelling_is_refused():
    with pytest.raises(InvalidRequest) as refusal:
        parse_spelling({"encoding_format": "hex"})
    assert refusal.value.path == "encoding_format"
