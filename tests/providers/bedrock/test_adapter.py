"""The adapter of Amazon Bedrock against a real server that speaks its streams."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.secrets import Secret
from providers.bedrock.access import find_credentials, find_region
from providers.bedrock.adapter import Bedrock
from providers.protocols import Account, ChatProvider, Target
from tests.fakes.faults import Json
from tests.fakes.http import Call, Line
from tests.fakes.provider import FakeProvider
from tests.providers.bedrock.framing import event, exception, frame
from tests.providers.bedrock.test_codec import STREAM, WHOLE
from vocabulary.chat import ChatRequest, Message, PartGrew, Started, Text
from vocabulary.errors import (
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamTimedOut,
    UpstreamUnavailable,
)
from vocabulary.streams import fold

BEDROCK = Bedrock()
MODEL = "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.a.b-v1:0"
KEY = "AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
HELLO = ChatRequest(
    model="aws/x", messages=(Message(role="user", parts=(Text(text="Is it raining?"),)),)
)


@dataclass(frozen=True)
class Framed:
    """Streams these pieces; the end is as orderly as `cut` says."""

    pieces: tuple[bytes, ...]
    cut: bool = False

    async def play(self, call: Call, line: Line) -> None:
        line.start_stream("application/vnd.amazon.eventstream")
        for piece in self.pieces:
            line.send(piece)
            await asyncio.sleep(0)
        if self.cut:
            line.reset()
        else:
            line.end_stream()


def target(upstream: FakeProvider, key: str = KEY, **options: Any) -> Target:
    account = Account(
        name="aws",
        kind="bedrock",
        base_url=upstream.url,
        api_key=Secret(key),
        options={"region": "eu-west-1", **options},
    )
    return Target(account=account, model=MODEL)


async def complete(upstream, request=HELLO, **given):
    return await BEDROCK.complete(request, target(upstream, **given))


async def stream(upstream, request=HELLO, **given):
    return [event async for event in BEDROCK.stream(request, target(upstream, **given))]


def test_it_chats():
    assert isinstance(BEDROCK, ChatProvider)


# -- good days ----------------------------------------------------------------------------------
async def test_a_whole_answer_and_a_stream_are_the_same(upstream):
    upstream.script(Json(WHOLE), Framed(tuple(STREAM)))
    whole = await complete(upstream)
    events = await stream(upstream)
    assert whole.text == "It rains."
    assert (whole.served_by, whole.model) == ("aws", MODEL)
    assert whole.id and whole.created
    assert isinstance(events[0], Started)
    assert fold(events).choices == whole.choices
    assert fold(events).usage == whole.usage


async def test_words_arrive_as_they_are_said(upstream):
    upstream.script(Framed(tuple(STREAM)))
    grown = [e.text for e in await stream(upstream) if isinstance(e, PartGrew)]
    assert grown == ["let me ", "see", "It ", "rains.", '{"city":', ' "Rome"}', "{}"]


@pytest.mark.parametrize("token", ["", ":FwoGZXIvYXdzE/+=="])
async def test_calls_are_signed_as_aws_own_library_would_have(upstream, token):
    auth = pytest.importorskip("botocore.auth")
    awsrequest = pytest.importorskip("botocore.awsrequest")
    credentials = pytest.importorskip("botocore.credentials")
    upstream.script(Json(WHOLE))
    await complete(upstream, key=KEY + token)
    call = upstream.calls[0]
    signed = call.headers["authorization"]
    names = signed.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert {"host", "content-type", "x-amz-date"} <= set(names)
    headers = {name: call.headers[name] for name in names}
    url = f"http://{call.headers['host']}{call.path}"
    theirs = awsrequest.AWSRequest("POST", url, headers=headers, data=call.body)
    theirs.context["timestamp"] = call.headers["x-amz-date"]
    keys = credentials.Credentials(*(KEY + token).split(":"))
    judge = auth.SigV4Auth(keys, "bedrock", "eu-west-1")
    text = judge.string_to_sign(theirs, judge.canonical_request(theirs))
    assert signed.endswith(f"Signature={judge.signature(text, theirs)}")
    told = datetime.strptime(call.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - told) < timedelta(minutes=1)


async def test_an_api_key_goes_as_a_bearer(upstream):
    upstream.script(Json(WHOLE))
    await complete(upstream, key="ABSKQmVkcm9jaw==", region="")
    assert upstream.calls[0].headers["authorization"] == "Bearer ABSKQmVkcm9jaw=="
    assert "x-amz-date" not in upstream.calls[0].headers


# -- where and with which key -------------------------------------------------------------------
def account(key: str = "", base_url: str = "https://a.test", **options: Any) -> Account:
    return Account(
        name="aws", kind="bedrock", base_url=base_url, api_key=Secret(key), options=options
    )


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("bedrock-runtime.us-east-1.amazonaws.com", "us-east-1"),
        ("bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("vpce-1-a.bedrock-runtime.eu-west-1.vpce.amazonaws.com", "eu-west-1"),
        ("bedrock-runtime.cn-north-1.amazonaws.com.cn", "cn-north-1"),
    ],
)
def test_the_region_is_in_the_address(host, region):
    assert find_region(account(base_url=f"https://{host}")) == region


def test_an_option_names_the_region_and_one_of_both_must():
    assert find_region(account(region="eu-central-1")) == "eu-central-1"
    with pytest.raises(UpstreamRefused, match="region"):
        find_region(account())


@pytest.mark.parametrize("key", ["", "sk-1", "AKIAIOSFODNN7EXAMPLE", "short:secret"])
def test_what_is_no_pair_is_an_api_key(key):
    assert find_credentials(account(key)) is None


# -- bad days -----------------------------------------------------------------------------------
ERRORS = [
    (400, "ValidationException", "no such field", UpstreamRefused, "no such field"),
    (403, "AccessDeniedException", "key AKIA is bad", UpstreamRefused, "the account's key"),
    (
        403,
        "AccessDeniedException",
        "You don't have access to the model with the specified model ID.",
        UpstreamRefused,
        "access to the model",
    ),
    (404, "ResourceNotFoundException", "no model", UpstreamRefused, "no model"),
    (408, "ModelTimeoutException", "too slow", UpstreamTimedOut, "too slow"),
    (424, "ModelErrorException", "it broke", UpstreamUnavailable, "it broke"),
    (429, "ThrottlingException", "later", UpstreamRateLimited, "later"),
    (429, "ModelNotReadyException", "warming up", UpstreamRateLimited, "warming up"),
    (500, "InternalServerException", "oops", UpstreamUnavailable, "oops"),
    (503, "ServiceUnavailableException", "down", UpstreamUnavailable, "down"),
    (400, "ServiceQuotaExceededException", "quota", UpstreamRateLimited, "quota"),
]


@dataclass(frozen=True)
class Named:
    """An error as AWS tells it: by its name in a header."""

    status: int
    kind: str
    message: str

    async def play(self, call: Call, line: Line) -> None:
        named = {"x-amzn-ErrorType": f"{self.kind}:http://internal.amazon.com/coral/"}
        line.reply_json({"message": self.message}, self.status, named)


@pytest.mark.parametrize("ask", [complete, stream])
@pytest.mark.parametrize(("status", "kind", "message", "error", "words"), ERRORS)
async def test_each_exception_has_a_meaning(upstream, ask, status, kind, message, error, words):
    upstream.script(Named(status, kind, message))
    with pytest.raises(error, match=words) as failure:
        await ask(upstream)
    assert (failure.value.status, failure.value.provider) == (status, "aws")


IN_STREAM = [
    (exception("modelStreamErrorException", "it broke"), UpstreamUnavailable, "it broke"),
    (exception("internalServerException", "oops"), UpstreamUnavailable, "oops"),
    (exception("serviceUnavailableException", ""), UpstreamUnavailable, "serviceUnavailable"),
    (exception("throttlingException", "later"), UpstreamRateLimited, "later"),
    (exception("validationException", "bad"), UpstreamRefused, "bad"),
    (exception("modelTimeoutException", "slow"), UpstreamTimedOut, "slow"),
    (
        frame(
            {":message-type": "error", ":error-code": "InternalError", ":error-message": "gone"},
            b"",
        ),
        UpstreamUnavailable,
        "gone",
    ),
]


@pytest.mark.parametrize(("told", "error", "words"), IN_STREAM)
async def test_an_exception_inside_a_stream_is_raised_after_its_first_words(
    upstream, told, error, words
):
    upstream.script(Framed((*STREAM[:3], told)))
    heard = []
    with pytest.raises(error, match=words) as failure:
        async for heard_event in BEDROCK.stream(HELLO, target(upstream)):
            heard.append(heard_event)
    assert isinstance(heard[0], Started)
    assert failure.value.provider == "aws"


FLIPPED = STREAM[2][:-1] + bytes((STREAM[2][-1] ^ 1,))
BROKEN = [
    Framed(tuple(STREAM[:5])),
    Framed(tuple(STREAM[:5]), cut=True),
    Framed((*STREAM[:2], STREAM[2][:20])),
    Framed((*STREAM[:2], FLIPPED, *STREAM[3:])),
    Framed((event("messageStart", []),)),
    Framed((frame({":message-type": "event", ":event-type": "messageStart"}, b"{"),)),
]


@pytest.mark.parametrize("fault", BROKEN, ids=range(len(BROKEN)))
async def test_a_broken_stream_is_no_answer(upstream, fault):
    upstream.script(fault)
    with pytest.raises(UpstreamUnavailable) as failure:
        await stream(upstream)
    assert failure.value.provider == "aws"


async def test_an_answer_without_a_count_is_whole_once_it_said_why_it_ended(upstream):
    upstream.script(Framed(tuple(STREAM[:-1])))
    assert fold(await stream(upstream)).usage is None
