"""Signatures, by the examples that AWS publishes.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from surfaces.s3.signatures import (
    CONTENT,
    BadSignature,
    BadTime,
    Expired,
    Signed,
    Unsigned,
    canonical_request,
    check_signature,
    check_time,
    parse_signed,
    sign,
)
from vocabulary.errors import InvalidRequest
from wire.sigv4 import ALGORITHM, signing_key

KEY: Final = "AKIAIOSFODNN7EXAMPLE"
SECRET: Final = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SCOPE: Final = "20130524/us-east-1/s3/aws4_request"
NOW: Final = datetime(2013, 5, 24, tzinfo=UTC)
EMPTY: Final = hashlib.sha256(b"").hexdigest()
PLAIN: Final = {
    "host": "examplebucket.s3.amazonaws.com",
    CONTENT: EMPTY,
    "x-amz-date": "20130524T000000Z",
}
EXAMPLES: Final = {
    "GET an object": (
        ("GET", "/test.txt", ""),
        {**PLAIN, "range": "bytes=0-9"},
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ),
    "PUT an object": (
        ("PUT", "/test%24file.text", ""),
        {
            **PLAIN,
            "date": "Fri, 24 May 2013 00:00:00 GMT",
            "x-amz-storage-class": "REDUCED_REDUNDANCY",
            CONTENT: hashlib.sha256(b"Welcome to Amazon S3.").hexdigest(),
        },
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ),
    "GET a bucket's lifecycle": (
        ("GET", "/", "lifecycle"),
        PLAIN,
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ),
    "GET a list": (
        ("GET", "/", "max-keys=2&prefix=J"),
        PLAIN,
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ),
}
PRESIGNED: Final = (
    f"X-Amz-Algorithm={ALGORITHM}&X-Amz-Credential={KEY}%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
)


def _authorization(headers: Mapping[str, str], signature: str) -> dict[str, str]:
    names = ";".join(sorted(headers))
    text = f"{ALGORITHM} Credential={KEY}/{SCOPE},SignedHeaders={names},Signature={signature}"
    return {**headers, "authorization": text}


def _signed_as(
    headers: dict[str, str], path: str, query: str = ""
) -> tuple[Signed, dict[str, str]]:
    """A request signed with the example's secret for `path` and `query` as they are canonical."""
    draft = parse_signed(_authorization(headers, "0" * 64), "")
    text = canonical_request(draft, "GET", path, query, headers)
    signature = sign(signing_key(SECRET, SCOPE), draft, text)
    return replace(draft, signature=signature), _authorization(headers, signature)


@pytest.mark.parametrize("name", EXAMPLES)
def test_published_examples_are_taken_and_changed_ones_are_not(name: str):
    (method, path, query), headers, signature = EXAMPLES[name]
    sent = _authorization(headers, signature)
    signed = parse_signed(sent, query)
    assert signed.access_key_id == KEY
    check_time(signed, NOW)
    check_signature(signed, SECRET, method, path, query, sent)
    changes = [
        ("DELETE", path, query, sent, SECRET),
        (method, path + "x", query, sent, SECRET),
        (method, path, f"{query}&uploads", sent, SECRET),
        (method, path, query, {**sent, "host": "elsewhere"}, SECRET),
        (method, path, query, sent, SECRET + "x"),
    ]
    for verb, place, words, told, secret in changes:
        with pytest.raises(BadSignature):
            check_signature(signed, secret, verb, place, words, told)


def test_the_published_url_is_taken_until_it_expires():
    headers = {"host": "examplebucket.s3.amazonaws.com"}
    signed = parse_signed(headers, PRESIGNED)
    check_signature(signed, SECRET, "GET", "/test.txt", PRESIGNED, headers)
    check_time(signed, NOW + timedelta(seconds=86_400))
    with pytest.raises(Expired):
        check_time(signed, NOW + timedelta(seconds=86_401))
    with pytest.raises(BadTime):
        check_time(signed, NOW - timedelta(minutes=16))
    longer = PRESIGNED.replace("86400", "86401")
    with pytest.raises(BadSignature):
        check_signature(parse_signed(headers, longer), SECRET, "GET", "/test.txt", longer, headers)


def test_a_request_lives_for_a_quarter_of_an_hour_around_its_time():
    _, headers, signature = EXAMPLES["GET a list"]
    signed = parse_signed(_authorization(headers, signature), "")
    for minutes in (-15, 15):
        check_time(signed, NOW + timedelta(minutes=minutes))
    for minutes in (-16, 16):
        with pytest.raises(BadTime):
            check_time(signed, NOW + timedelta(minutes=minutes))
    with pytest.raises(BadTime):
        check_time(replace(signed, scope=SCOPE.replace("0524", "0523")), NOW)
    for year in (1, 9999):
        far = replace(signed, at=NOW.replace(year=year))
        with pytest.raises(BadTime):
            check_time(far, NOW)


def test_what_was_not_signed_may_not_be_sent():
    signed, sent = _signed_as(dict(PLAIN), "/k")
    check_signature(signed, SECRET, "GET", "/k", "", sent)
    check_signature(signed, SECRET, "GET", "/k", "", {**sent, "accept": "*/*"})
    with pytest.raises(BadSignature, match="x-amz-meta-by must be signed"):
        check_signature(signed, SECRET, "GET", "/k", "", {**sent, "x-amz-meta-by": "me"})
    unhosted, told = _signed_as({k: v for k, v in PLAIN.items() if k != "host"}, "/k")
    with pytest.raises(BadSignature, match="host must be signed"):
        check_signature(unhosted, SECRET, "GET", "/k", "", {**told, "host": "h"})


@pytest.mark.parametrize(
    ("canonical", "wire"),
    [
        ("/b/a%20b%2Bc%26d%3De", "/b/a%20b+c&d=e"),
        ("/b/na%C3%AFve", "/b/na%c3%afve"),
        ("/b/na%C3%AFve", "/b/na\u00c3\u00afve"),
        ("/b/%28x%29%21", "/b/(x)!"),
        ("/b//a/../c", "/b//a/../c"),
        ("/b/a~b", "/b/a%7Eb"),
        ("/b/a%2Fb", "/b/a%2Fb"),
    ],
)
def test_a_path_may_be_escaped_differently_from_what_was_signed(canonical: str, wire: str):
    signed, sent = _signed_as(dict(PLAIN), canonical)
    check_signature(signed, SECRET, "GET", wire, "", sent)


@pytest.mark.parametrize(
    ("canonical", "wire"),
    [
        ("a=&b=", "b&a"),
        ("prefix=a%20b", "prefix=a+b"),
        ("prefix=a%2Bb", "prefix=a%2Bb"),
        ("prefix=a%2Fb&x=%C3%A9", "x=%c3%a9&prefix=a/b"),
        ("a=1&a=2", "a=2&a=1"),
    ],
)
def test_a_query_is_put_in_order_before_it_is_signed(canonical: str, wire: str):
    signed, sent = _signed_as(dict(PLAIN), "/b", canonical)
    check_signature(signed, SECRET, "GET", "/b", wire, sent)
    with pytest.raises(BadSignature):
        check_signature(signed, SECRET, "GET", "/b", f"{wire}&delete=", sent)


def test_values_of_headers_are_bytes_with_spaces_squeezed():
    utf8 = "Ann \u00e0 la".encode().decode("latin-1")
    signed, sent = _signed_as({**PLAIN, "x-amz-meta-by": utf8}, "/k")
    check_signature(signed, SECRET, "GET", "/k", "", {**sent, "x-amz-meta-by": f"  {utf8} "})
    wide = {**sent, "x-amz-meta-by": utf8.replace(" ", "   ")}
    check_signature(signed, SECRET, "GET", "/k", "", wide)
    text = canonical_request(signed, "GET", "/k", "", sent)
    assert "x-amz-meta-by:Ann \u00e0 la".encode() in text.encode("latin-1")


GOOD: Final = _authorization(PLAIN, "0" * 64)


@pytest.mark.parametrize(
    "wrong",
    [
        {"authorization": f"{ALGORITHM} nothing"},
        {"authorization": GOOD["authorization"].replace("/s3/", "/sqs/")},
        {"authorization": GOOD["authorization"].replace("20130524", "\u0662\u0660130524")},
        {"authorization": GOOD["authorization"].replace(KEY, "")},
        {"authorization": GOOD["authorization"].replace("host;", "h\u00f6st;")},
        {"x-amz-date": ""},
        {"x-amz-date": "20130524T250000Z"},
        {"x-amz-date": "2013524T000000Z"},
        {CONTENT: "UNSIGNED"},
        {CONTENT: "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"},
        {CONTENT: "\u00e9" * 64},
    ],
)
def test_a_header_that_is_malformed_is_refused(wrong: dict[str, str]):
    with pytest.raises(InvalidRequest):
        parse_signed({**GOOD, **wrong}, "")


def test_the_hash_of_the_body_must_be_said():
    with pytest.raises(InvalidRequest, match=r"must be sent"):
        parse_signed({name: text for name, text in GOOD.items() if name != CONTENT}, "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("86400", ""),
        ("86400", "0"),
        ("86400", "604801"),
        ("86400", "9" * 5000),
        ("86400", "%D9%A1"),
        ("86400", "-1"),
        (ALGORITHM, "AWS4-ECDSA-P256-SHA256"),
        (KEY, "%00"),
        ("20130524T000000Z", "now"),
        ("SignedHeaders=host", "SignedHeaders="),
        ("SignedHeaders=host", "SignedHeaders=%F0%9F%92%A9"),
        ("X-Amz-Date", "X-Amz-Content-Sha256=x&X-Amz-Date"),
    ],
)
def test_a_url_that_is_malformed_is_refused(old: str, new: str):
    with pytest.raises(InvalidRequest):
        parse_signed({"host": "h"}, PRESIGNED.replace(old, new))


def test_there_is_one_signature_of_version_4():
    for authorization in ("Bearer x", "AWS AKID:c2ln", ""):
        with pytest.raises(Unsigned):
            parse_signed({"authorization": authorization}, "")
    with pytest.raises(Unsigned):
        parse_signed({}, "prefix=x&X-Amz-Date=20130524T000000Z")
    with pytest.raises(InvalidRequest, match="another"):
        parse_signed(GOOD, PRESIGNED)
