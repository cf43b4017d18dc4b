"""Signature version 4 (`wire.sigv4`) of a caller: what it says, and whether it is right. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from vocabulary.errors import InvalidRequest, Unauthenticated
from wire import sigv4
from wire.sigv4 import ALGORITHM, SAFE, SIGNATURE, TIME, signing_key, split_query

SKEW: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(days=7)
UNSIGNED: Final = "UNSIGNED-PAYLOAD"
CHUNKED: Final = frozenset(
    {
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    }
)
"""What stands in the place of a body's hash where the body comes in chunks."""
CONTENT: Final = "x-amz-content-sha256"
_PART: Final = re.compile(r"\s*(Credential|SignedHeaders|Signature)=([^,\s]+)\s*(?:,|$)")
_CREDENTIAL: Final = re.compile(r"([\w-]{1,80})/([0-9]{8}/[\w-]{1,40}/s3/aws4_request)", re.ASCII)
_NAMES: Final = re.compile(r"[a-z0-9._-]+(;[a-z0-9._-]+)*")
_HEXADECIMAL: Final = re.compile(r"[0-9a-f]{64}")
_TIME: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z")


class Unsigned(Unauthenticated):
    """The request is not signed."""

    code = "unsigned"


class BadSignature(Unauthenticated):
    """The request signature we calculated does not match the signature you provided."""

    code = "signature_mismatch"


class BadTime(Unauthenticated):
    """The difference between the request time and the server's time is too large."""

    code = "request_time_skewed"


class Expired(Unauthenticated):
    """The URL was good until some time ago."""

    code = "url_expired"


class BadPayload(InvalidRequest):
    """The body is not the one that was signed."""

    code = "payload_mismatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What a request says about its signature. `payload` is the hash of the body as it was signed,
    or the word that stands in its place."""

    access_key_id: str
    scope: str
    signed_headers: tuple[str, ...]
    signature: str
    at: datetime
    payload: str
    lives: timedelta | None = None
    """Of a presigned URL."""


# -- reading ------------------------------------------------------------------------------------
def parse_signed(headers: Mapping[str, str], query: str) -> Signed:
    """From the `Authorization` header or from the URL. Header names are lower case.

    Raises `Unsigned` where there is none, `InvalidRequest` for one that is malformed.
    """
    given = {name: value for name, value in split_query(query) if name.startswith("X-Amz-")}
    if "authorization" not in headers:
        if SIGNATURE not in given:
            raise Unsigned
        return _from_query(given)
    if SIGNATURE in given:
        raise InvalidRequest("Authorization", "is one signature, the URL another")
    return _from_header(headers)


def _from_header(headers: Mapping[str, str]) -> Signed:
    scheme, _, rest = headers["authorization"].partition(" ")
    if scheme != ALGORITHM:
        raise Unsigned("only signatures of version 4 are taken")
    parts = {match[1]: match[2] for match in _PART.finditer(rest)}
    if len(parts) != 3:
        raise InvalidRequest("Authorization", "must hold Credential, SignedHeaders and Signature")
    if CONTENT not in headers:
        raise InvalidRequest(CONTENT, "must be sent", missing=True)
    key, scope = _credential(parts["Credential"])
    return Signed(
        access_key_id=key,
        scope=scope,
        signed_headers=_names(parts["SignedHeaders"]),
        signature=parts["Signature"],
        at=_time(headers.get("x-amz-date", "")),
        payload=_payload(headers[CONTENT]),
    )


def _from_query(given: Mapping[str, str]) -> Signed:
    if given.get("X-Amz-Algorithm") != ALGORITHM:
        raise InvalidRequest("X-Amz-Algorithm", f"must be {ALGORITHM}")
    key, scope = _credential(given.get("X-Amz-Credential", ""))
    return Signed(
        access_key_id=key,
        scope=scope,
        signed_headers=_names(given.get("X-Amz-SignedHeaders", "")),
        signature=given[SIGNATURE],
        at=_time(given.get("X-Amz-Date", "")),
        payload=_payload(given.get("X-Amz-Content-Sha256", UNSIGNED)),
        lives=_lives(given.get("X-Amz-Expires", "")),
    )


def _lives(text: str) -> timedelta:
    seconds = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if not 1 <= seconds <= LONGEST.total_seconds():
        raise InvalidRequest("X-Amz-Expires", "must be between 1 second and seven days")
    return timedelta(seconds=seconds)


def _credential(text: str) -> tuple[str, str]:
    match = _CREDENTIAL.fullmatch(text)
    if match is None:
        raise InvalidRequest("Credential", "must be <key>/<date>/<region>/s3/aws4_request")
    return match[1], match[2]


def _names(text: str) -> tuple[str, ...]:
    if not _NAMES.fullmatch(text.lower()):
        raise InvalidRequest("SignedHeaders", "must be names of headers, with semicolons between")
    return tuple(text.lower().split(";"))


def _payload(text: str) -> str:
    if not (_HEXADECIMAL.fullmatch(text) or text == UNSIGNED or text in CHUNKED):
        raise InvalidRequest(CONTENT, "must be a SHA-256 in hexadecimal, or a word that is known")
    return text


def _time(text: str) -> datetime:
    try:
        if _TIME.fullmatch(text):
            return datetime.strptime(text, TIME).replace(tzinfo=UTC)
    except ValueError:
        pass
    raise InvalidRequest("X-Amz-Date", "must be a time such as 20260701T120000Z")


# -- checking -----------------------------------------------------------------------------------
def check_time(signed: Signed, now: datetime) -> None:
    """Raises `BadTime`, or `Expired` for a URL."""
    age = now - signed.at
    is_of_day = signed.scope.startswith(f"{signed.at:%Y%m%d}/")
    if age < -SKEW or not is_of_day or (signed.lives is None and age > SKEW):
        raise BadTime
    if signed.lives is not None and age > signed.lives:
        raise Expired


def check_signature(
    signed: Signed, secret: str, method: str, path: str, query: str, headers: Mapping[str, str]
) -> None:
    """`path` and `query` as on the wire. Raises `BadSignature`.

    A client that escapes its path differently from what it signed is taken too: both name the same.
    """
    _check_names(signed, headers)
    key = signing_key(secret, signed.scope)
    for spelling in dict.fromkeys((path, _canonical_path(path))):
        expected = sign(key, signed, canonical_request(signed, method, spelling, query, headers))
        if hmac.compare_digest(expected.encode(), signed.signature.encode()):
            return
    raise BadSignature


def _check_names(signed: Signed, headers: Mapping[str, str]) -> None:
    """What was not signed may have been added, or pointed elsewhere, by anybody on the way."""
    needed = {"host", *(name for name in headers if name.startswith("x-amz-"))}
    if missing := needed - set(signed.signed_headers):
        raise BadSignature(f"the header {min(missing)} must be signed")


def canonical_request(
    signed: Signed, method: str, path: str, query: str, headers: Mapping[str, str]
) -> str:
    """The text that stands for the whole request; its characters are bytes."""
    names = signed.signed_headers
    return sigv4.canonical_request(method, path, query, headers, names, signed.payload)


def sign(key: bytes, signed: Signed, request: str) -> str:
    """The signature, in hexadecimal."""
    return sigv4.sign(key, signed.at, signed.scope, request)


def _canonical_path(path: str) -> str:
    return quote(unquote_to_bytes(path.encode("latin-1")), safe=f"/{SAFE}")
