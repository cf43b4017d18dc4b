"""Bodies in chunks, by the examples that AWS publishes, cut up and spoiled in every way.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

import hashlib
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surfaces.s3.payloads import Payload
from surfaces.s3.signatures import (
    CHUNKED,
    UNSIGNED,
    BadPayload,
    BadSignature,
    Signed,
)
from vocabulary.errors import InvalidRequest
from wire.sigv4 import hmac_hex, signing_key

SCOPE: Final = "20130524/us-east-1/s3/aws4_request"
KEY: Final = signing_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", SCOPE)
SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER = (
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
)
DATA: Final = b"a" * 66_560
PUBLISHED: Final = {
    SIGNED: (
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
        "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
        b"",
    ),
    SIGNED_TRAILER: (
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
        "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
        "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
        "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
        b"x-amz-checksum-crc32c:sOO8/Q==\r\n"
        b"x-amz-trailer-signature:"
        b"d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n",
    ),
}


def _published(kind: str) -> tuple[str, bytes]:
    """The seed of an example, and its body on the wire."""
    seed, first, second, last, trailer = PUBLISHED[kind]
    chunks = ((first, DATA[:65_536]), (second, DATA[65_536:]))
    wire = b"".join(
        b"%x;chunk-signature=%b\r\n%b\r\n" % (len(data), signature.encode(), data)
        for signature, data in chunks
    )
    wire += b"0;chunk-signature=%b\r\n" % last.encode() + trailer + b"\r\n"
    return seed, wire


def _payload(kind: str, seed: str, pieces: Iterable[bytes], size: int | None = None) -> Payload:
    async def body() -> AsyncGenerator[bytes]:
        for piece in pieces:
            if piece:
                yield piece

    signed = Signed(
        access_key_id="A",
        scope=SCOPE,
        signed_headers=("host",),
        signature=seed,
        at=datetime(2013, 5, 24, tzinfo=UTC),
        payload=kind,
    )
    return Payload(body=body(), signed=signed, key=KEY, announced=size)


async def _read(kind: str, seed: str, pieces: Iterable[bytes], size: int | None = None) -> bytes:
    return b"".join([piece async for piece in _payload(kind, seed, pieces, size).chunks()])


def _unsigned(*chunks: bytes, trailer: bytes = b"") -> bytes:
    framed = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return framed + b"0\r\n" + trailer + b"\r\n"


def _cut(wire: bytes, places: Sequence[int]) -> list[bytes]:
    ends = sorted({place % (len(wire) + 1) for place in places})
    return [wire[a:b] for a, b in zip([0, *ends], [*ends, len(wire)], strict=True)]


@pytest.mark.parametrize("kind", PUBLISHED)
@given(places=st.lists(st.integers(0, 70_000), max_size=12))
@settings(max_examples=25, deadline=None)
async def test_the_published_body_is_read_however_it_is_cut(kind: str, places: list[int]):
    seed, wire = _published(kind)
    assert await _read(kind, seed, _cut(wire, places), len(DATA)) == DATA


@pytest.mark.parametrize("kind", PUBLISHED)
async def test_every_byte_of_the_published_body_counts(kind: str):
    seed, wire = _published(kind)
    for place in [*range(90), *range(len(wire) - 1400, len(wire) - 2, 37)]:
        spoiled = bytearray(wire)
        spoiled[place] ^= 1
        with pytest.raises((BadSignature, InvalidRequest)):
            await _read(kind, seed, [bytes(spoiled)], len(DATA))
    with pytest.raises(BadSignature):
        await _read(kind, "0" * 64, [wire])


@pytest.mark.parametrize("kind", PUBLISHED)
async def test_a_body_that_ends_early_is_refused(kind: str):
    seed, wire = _published(kind)
    whole = len(wire) - 2  # the empty line at the end is not always sent
    for end in [0, 1, 87, 88, 89, 30_000, 65_624, 65_630, whole - 100, whole - 3]:
        with pytest.raises((BadSignature, InvalidRequest)):
            await _read(kind, seed, [wire[:end]], len(DATA))
    assert await _read(kind, seed, [wire[:whole]], len(DATA)) == DATA


@given(chunks=st.lists(st.binary(min_size=1, max_size=40), max_size=5), byte=st.booleans())
@settings(max_examples=60, deadline=None)
async def test_unsigned_chunks_are_the_bytes_that_were_meant(chunks: list[bytes], byte: bool):
    wire = _unsigned(*chunks, trailer=b"x-amz-checksum-crc32:AAAAAA==\r\n")
    pieces = [wire[i : i + 1] for i in range(len(wire))] if byte else [wire]
    payload = _payload(UNSIGNED_TRAILER, "", pieces, sum(map(len, chunks)))
    assert b"".join([piece async for piece in payload.chunks()]) == b"".join(chunks)
    assert payload.trailer == {"x-amz-checksum-crc32": "AAAAAA=="}


@given(wire=st.binary(max_size=60), kind=st.sampled_from(sorted(CHUNKED)))
@settings(max_examples=200, deadline=None)
async def test_anything_at_all_is_read_or_refused(wire: bytes, kind: str):
    with suppress(BadSignature, InvalidRequest):
        await _read(kind, "0" * 64, [wire])


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        b"\r\n",
        b"5\r\nhell",
        b"5\r\nhello!\r\n0\r\n\r\n",
        b"6\r\nhello\r\n0\r\n\r\n",
        b"+5\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"-1\r\n",
        b"5 \r\nhello\r\n0\r\n\r\n",
        b"5;x=y\r\nhello\r\n0\r\n\r\n",
        b"f" * 40 + b"\r\n",
        b"5\r\nhello\r\n",
        b"0\r\n\r\nmore",
        b"0\r\nno trailer\r\n\r\n",
        b"0\r\n" + b"".join(b"n%d:x\r\n" % i for i in range(9)) + b"\r\n",
        b"0" * 5000,
        b"0\r\n" + b"x" * 5000,
    ],
    ids=lambda wire: str(wire[:30]),
)
async def test_chunks_that_are_malformed_are_refused(wire: bytes):
    with pytest.raises(InvalidRequest):
        await _read(UNSIGNED_TRAILER, "", [wire])


async def test_a_body_in_chunks_has_the_size_that_was_announced():
    assert await _read(UNSIGNED_TRAILER, "", [_unsigned(b"hello")], 5) == b"hello"
    for size in (0, 4, 6):
        with pytest.raises(InvalidRequest, match="is not 5"):
            await _read(UNSIGNED_TRAILER, "", [_unsigned(b"hello")], size)


async def test_chunks_may_not_change_places():
    def head(before: str, data: bytes) -> str:
        empty, digest = hashlib.sha256(b"").hexdigest(), hashlib.sha256(data).hexdigest()
        lines = ("AWS4-HMAC-SHA256-PAYLOAD", "20130524T000000Z", SCOPE, before, empty, digest)
        return hmac_hex(KEY, "\n".join(lines))

    one = head("0" * 64, b"one")
    two = head(one, b"two")
    end = head(two, b"")
    first = f"3;chunk-signature={one}\r\none\r\n".encode()
    second = f"3;chunk-signature={two}\r\ntwo\r\n".encode()
    last = f"0;chunk-signature={end}\r\n\r\n".encode()
    assert await _read(SIGNED, "0" * 64, [first, second, last]) == b"onetwo"
    for spoiled in ([second, first, last], [first, last], [first, second, second, last]):
        with pytest.raises(BadSignature):
            await _read(SIGNED, "0" * 64, spoiled)
    with pytest.raises(BadSignature):
        await _read(SIGNED, "0" * 64, [_unsigned(b"one")])


async def test_a_plain_body_is_the_one_whose_hash_was_signed():
    digest = hashlib.sha256(b"hello").hexdigest()
    assert await _read(digest, "", [b"he", b"llo"]) == b"hello"
    assert await _read(UNSIGNED, "", [b"anything"]) == b"anything"
    for other in (b"", b"hello!", b"hellO"):
        with pytest.raises(BadPayload):
            await _read(digest, "", [other])
