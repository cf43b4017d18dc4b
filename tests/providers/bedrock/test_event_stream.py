"""AWS' event streams, against AWS' published messages and AWS' own reader."""

import struct
import zlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.bedrock.event_stream import Decoder, Message
from tests.providers.bedrock.framing import frame, spell, text_header
from vocabulary.errors import UpstreamUnavailable

EMPTY = b"\x00\x00\x00\x10\x00\x00\x00\x00\x05\xc2H\xeb}\x98\xc8\xff"
INT32_HEADER = (
    b"\x00\x00\x00+\x00\x00\x00\x0e4\x8b\xec{\x08event-id\x04\x00\x00\xa0\x0c{'foo':'bar'}"
    b"\xd3\x89\x02\x85"
)
NO_HEADERS = b"\x00\x00\x00\x1d\x00\x00\x00\x00\xfdR\x8cZ{'foo':'bar'}\xc3e96"
TEXT_HEADER = (
    b"\x00\x00\x00=\x00\x00\x00 \x07\xfd\x83\x96\x0ccontent-type\x07\x00\x10application/json"
    b"{'foo':'bar'}\x8d\x9c\x08\xb1"
)
PUBLISHED = [
    (EMPTY, Message({}, b"")),
    (INT32_HEADER, Message({}, b"{'foo':'bar'}")),
    (NO_HEADERS, Message({}, b"{'foo':'bar'}")),
    (TEXT_HEADER, Message({"content-type": "application/json"}, b"{'foo':'bar'}")),
]
HEADERS = st.dictionaries(
    st.text("abc:-", min_size=1, max_size=9), st.text(max_size=30), max_size=4
)
MESSAGES = st.lists(st.tuples(HEADERS, st.binary(max_size=60)), max_size=4)


@pytest.mark.parametrize(("data", "message"), PUBLISHED)
def test_the_published_messages_are_read(data, message):
    assert list(Decoder().feed(data)) == [message]


@settings(deadline=None, max_examples=50)
@given(messages=MESSAGES, cuts=st.lists(st.integers(0, 400), max_size=6))
def test_a_stream_may_be_cut_anywhere(messages, cuts):
    whole = b"".join(frame(headers, payload) for headers, payload in messages)
    edges = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    decoder, heard = Decoder(), []
    for start, end in pairwise(edges):
        heard += decoder.feed(whole[start:end])
    assert heard == [Message(headers, payload) for headers, payload in messages]
    assert decoder.is_between


@settings(deadline=None, max_examples=50)
@given(headers=HEADERS, payload=st.binary(max_size=60))
def test_aws_own_library_reads_the_same(headers, payload):
    eventstream = pytest.importorskip("botocore.eventstream")
    data = frame(headers, payload)
    buffer = eventstream.EventStreamBuffer()
    buffer.add_data(data)
    (theirs,) = list(buffer)
    assert list(Decoder().feed(data)) == [Message(theirs.headers, theirs.payload)]


@settings(deadline=None, max_examples=50)
@given(data=st.data(), headers=HEADERS, payload=st.binary(max_size=60))
def test_no_flipped_bit_goes_unseen(data, headers, payload):
    whole = bytearray(frame(headers, payload))
    place = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[place // 8] ^= 1 << place % 8
    decoder = Decoder()
    with pytest.raises(UpstreamUnavailable):
        assert list(decoder.feed(bytes(whole))) == [Message(headers, payload)]


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=80))
def test_what_is_no_stream_is_an_error_or_half_a_message(data):
    decoder = Decoder()
    try:
        heard = list(decoder.feed(data))
    except UpstreamUnavailable:
        return
    assert heard or len(data) < 12 or not decoder.is_between


def test_a_half_message_is_told():
    decoder = Decoder()
    assert list(decoder.feed(TEXT_HEADER[:-1])) == []
    assert not decoder.is_between


ODD_HEADERS = [
    b"\x01",
    b"\x05abc",
    b"\x01a\x0b",
    b"\x01a\x07\x00",
    b"\x01a\x07\x00\x05ab",
    b"\x01a\x04\x00",
    b"\x01a\x07\x00\x01\xff",
]


@pytest.mark.parametrize("headers", ODD_HEADERS)
def test_odd_headers_are_a_broken_stream(headers):
    with pytest.raises(UpstreamUnavailable, match="headers"):
        list(Decoder().feed(spell(headers, b"")))


def test_headers_of_every_kind_are_passed_over():
    kinds = [(0, b""), (1, b""), (2, b"a"), (3, b"ab"), (4, b"abcd"), (5, bytes(8))]
    kinds += [(6, b"\x00\x02ab"), (8, bytes(8)), (9, bytes(16))]
    told = b"".join(b"\x01k" + bytes((kind,)) + value for kind, value in kinds)
    data = spell(told + text_header("end", "here"), b"p")
    assert list(Decoder().feed(data)) == [Message({"end": "here"}, b"p")]


@pytest.mark.parametrize("length", [15, 17 * 1024 * 1024])
def test_an_impossible_length_is_seen_before_anything_is_held(length):
    head = struct.pack(">II", length, 0)
    with pytest.raises(UpstreamUnavailable, match="length"):
        list(Decoder().feed(head + struct.pack(">I", zlib.crc32(head))))
