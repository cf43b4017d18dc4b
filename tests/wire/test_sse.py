"""Server-sent events: bytes cut anywhere, events whole."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.sse import DONE, HEARTBEAT, Decoder, Event, encode


def decode(*chunks):
    decoder = Decoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    return [*events, *decoder.close()]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_all_line_ends_are_taken(end):
    stream = end.join([b"event: a", b"data: 1", b"data: 2", b"", b"data:3", b"", b""])
    assert decode(stream) == [Event("1\n2", "a"), Event("3")]


def test_comments_ids_and_events_without_data_are_left_out():
    stream = b": hello\n\nid: 7\nretry: 10\n\nevent: empty\n\ndata: 1\n\n"
    assert decode(stream) == [Event("1")]


def test_a_byte_order_mark_is_skipped():
    assert decode("\ufeffdata: 1\n\n".encode()) == [Event("1")]


def test_the_last_event_needs_no_empty_line():
    assert decode(b"data: 1\n\ndata: 2") == [Event("1"), Event("2")]


def test_an_event_is_there_as_soon_as_its_line_ends():
    decoder = Decoder()
    assert list(decoder.feed(b"data: 1\r\n\r\n")) == [Event("1")]


def test_what_is_written_reads_back():
    stream = encode('{"a":1}') + HEARTBEAT + encode("2") + DONE
    assert decode(stream.encode()) == [Event('{"a":1}'), Event("2"), Event("[DONE]")]


STREAM = "event: a\r\ndata: 1\r\rdata: ü\ndata: 日本\n\n: x\r\n\r\ndata: 3\r\n\r\n".encode()


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_where_a_stream_is_cut_does_not_matter(cuts):
    places = sorted({0, len(STREAM), *cuts})
    pieces = [STREAM[a:b] for a, b in pairwise(places)]
    assert decode(*pieces) == [Event("1", "a"), Event("ü\n日本"), Event("3")]
