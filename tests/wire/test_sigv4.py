"""AWS' signature version 4, against AWS' own published examples and AWS' own library."""

from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wire.http import HttpCall
from wire.sigv4 import Credentials, canonical_request, sign, sign_call, signing_key

auth = pytest.importorskip("botocore.auth")
awsrequest = pytest.importorskip("botocore.awsrequest")
credentials = pytest.importorskip("botocore.credentials")

SECRET: Final = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
WHO: Final = Credentials(access_key_id="AKIDEXAMPLE", secret=SECRET)
AT: Final = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
EMPTY: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_published_key_of_a_day():
    key = signing_key(SECRET, "20150830/us-east-1/iam/aws4_request")
    assert key.hex() == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"


def test_the_published_request_for_a_list_of_users():
    headers = {
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "host": "iam.amazonaws.com",
        "x-amz-date": "20150830T123600Z",
    }
    query = "Action=ListUsers&Version=2010-05-08"
    request = canonical_request("GET", "/", query, headers, sorted(headers), EMPTY)
    scope = "20150830/us-east-1/iam/aws4_request"
    assert sign(signing_key(SECRET, scope), AT, scope, request) == (
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    )


VECTORS = [
    ("GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
]


@pytest.mark.parametrize(("method", "path", "signature"), VECTORS)
def test_the_published_vanilla_requests(method, path, signature):
    call = HttpCall(method=method, url=f"https://example.amazonaws.com{path}")
    signed = sign_call(call, WHO, region="us-east-1", service="service", at=AT)
    assert signed.headers["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={signature}"
    )


@settings(deadline=None, max_examples=50)
@given(
    path=st.lists(st.text("abc:-_~", min_size=1, max_size=9), max_size=3).map("/".join),
    pairs=st.lists(st.tuples(st.text("ab-~", min_size=1), st.text("xyz._")), max_size=4),
    body=st.binary(max_size=50),
    token=st.sampled_from(["", "a/b+c=="]),
    port=st.sampled_from(["", ":443", ":8443"]),
)
def test_aws_own_library_signs_the_same(path, pairs, body, token, port):
    query = "&".join(f"{name}={value}" for name, value in pairs)
    url = f"https://bedrock-runtime.eu-west-1.amazonaws.com{port}/{path}" + f"?{query}" * bool(
        query
    )
    who = Credentials(access_key_id="AKID", secret="s3cr3t", token=token)
    call = HttpCall(method="POST", url=url, headers={"Content-Type": "text/a"}, body=body)
    signed = sign_call(call, who, region="eu-west-1", service="bedrock", at=AT)
    theirs = awsrequest.AWSRequest("POST", url, headers={"Content-Type": "text/a"}, data=body)
    theirs.context["timestamp"] = signed.headers["X-Amz-Date"]
    keys = credentials.Credentials("AKID", "s3cr3t", token or None)
    judge = auth.SigV4Auth(keys, "bedrock", "eu-west-1")
    for name in ("X-Amz-Date", "X-Amz-Security-Token"):
        if name in signed.headers:
            theirs.headers[name] = signed.headers[name]
    text = judge.string_to_sign(theirs, judge.canonical_request(theirs))
    assert signed.headers["Authorization"].endswith(judge.signature(text, theirs))


def test_secrets_do_not_show():
    assert SECRET not in repr(WHO)
