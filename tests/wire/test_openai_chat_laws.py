"""The laws of the OpenAI chat format: what is written reads back, streams equal wholes."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.strategies import requests, responses
from vocabulary.chat import PartGrew
from vocabulary.errors import InvalidRequest
from vocabulary.streams import explode, fold
from wire.openai_chat import (
    ChunkDecoder,
    ChunkEncoder,
    parse_delivery,
    parse_request,
    parse_response,
    render_request,
    render_response,
)


def through_json(value):
    return orjson.loads(orjson.dumps(value))


def through_chunks(events):
    encoder, decoder = ChunkEncoder(include_usage=True), ChunkDecoder()
    for event in events:
        for chunk in encoder.render_event(event):
            yield from decoder.parse_chunk(through_json(chunk))
    yield from decoder.end(done=True)


def in_crumbs(events):
    """The same stream, a character at a time."""
    for event in events:
        if not isinstance(event, PartGrew) or event.logprobs:
            yield event
            continue
        for letter in event.text:
            yield PartGrew(index=event.index, choice=event.choice, text=letter)


@given(requests)
def test_a_rendered_request_parses_to_itself(request):
    assert parse_request(through_json(render_request(request))) == request


@given(requests)
def test_a_request_may_say_its_length_limit_by_the_older_name(request):
    body = through_json(render_request(request, max_tokens_field="max_tokens"))
    assert "max_completion_tokens" not in body
    assert parse_request(body) == request


@given(responses())
def test_a_rendered_response_parses_to_itself(response):
    assert parse_response(through_json(render_response(response))) == response


@given(responses())
def test_a_streamed_response_folds_to_the_whole_one(response):
    assert fold(through_chunks(explode(response))) == response


@given(responses())
def test_how_a_stream_is_cut_does_not_matter(response):
    assert fold(through_chunks(in_crumbs(explode(response)))) == response


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@st.composite
def mutilated(draw, bodies):
    """A good body with one value, anywhere in it, replaced by any JSON or taken away."""
    body = draw(bodies)
    places = list(find_places(body))
    holder, key = draw(st.sampled_from(places))
    if isinstance(holder, dict) and draw(st.booleans()):
        del holder[key]
    else:
        holder[key] = draw(JSON)
    return body


def find_places(value):
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in list(inner):
        yield value, key
        if isinstance(child, dict | list):
            yield from find_places(child)


@given(mutilated(requests.map(render_request).map(through_json)))
def test_a_mutilated_request_parses_or_is_refused_at_a_place(body):
    try:
        parse_delivery(body)
        parse_request(body)
    except InvalidRequest as refusal:
        assert refusal.path
        assert refusal.message


@given(mutilated(responses().map(render_response).map(through_json)))
def test_a_mutilated_response_parses_or_is_refused_at_a_place(body):
    try:
        parse_response(body)
    except InvalidRequest as refusal:
        assert refusal.path


@given(responses(), st.data())
def test_a_mutilated_chunk_parses_or_is_refused(response, data):
    encoder, decoder = ChunkEncoder(include_usage=True), ChunkDecoder()
    chunks = [c for event in explode(response) for c in encoder.render_event(event)]
    try:
        for chunk in chunks:
            list(decoder.parse_chunk(data.draw(mutilated(st.just(through_json(chunk))))))
        list(decoder.end(done=True))
    except InvalidRequest as refusal:
        assert refusal.message
