"""Signature version 4: what a caller signs, and what the signature must be. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote, unquote_plus

from vocabulary.errors import InvalidRequest, Unauthenticated

ALGORITHM: Final = "AWS4-HMAC-SHA256"
SKEW: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(days=7)
UNSIGNED: Final = "UNSIGNED-PAYLOAD"
TIME: Final = "%Y%m%dT%H%M%SZ"
SIGNATURE: Final = "X-Amz-Signature"
_PART: Final = re.compile(r"\s*(Credential|SignedHeaders|Signature)=([^,\s]+)\s*(?:,|$)")
_SCOPE: Final = re.compile(r"\d{8}/[\w-]+/s3/aws4_request")


class BadSignature(Unauthenticated):
    """The request signature we calculated does not match the signature you provided."""

    code = "signature_mismatch"


class BadTime(Unauthenticated):
    """The difference between the request time and the server's time is too large."""

    code = "request_time_skewed"


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
    """From the `Authorization` header, else from the URL. Header names are lower case.

    Raises `Unauthenticated` where there is none, `InvalidRequest` for one that is malformed.
    """
    if "authorization" in headers:
        return _from_header(headers)
    given = {name: value for name, value in split_query(query) if name.startswith("X-Amz-")}
    if SIGNATURE not in given:
        raise Unauthenticated("the request is not signed")
    return _from_query(given)


def _from_header(headers: Mapping[str, str]) -> Signed:
    scheme, _, rest = headers["authorization"].partition(" ")
    if scheme != ALGORITHM:
        raise Unauthenticated("only signatures of version 4 are taken")
    parts = {match[1]: match[2] for match in _PART.finditer(rest)}
    if len(parts) != 3:
        raise InvalidRequest("Authorization", "must hold Credential, SignedHeaders and Signature")
    key, scope = _credential(parts["Credential"])
    return Signed(
        access_key_id=key,
        scope=scope,
        signed_headers=tuple(parts["SignedHeaders"].lower().split(";")),
        signature=parts["Signature"],
        at=_time(headers.get("x-amz-date", "")),
        payload=headers.get("x-amz-content-sha256", UNSIGNED),
    )


def _from_query(given: Mapping[str, str]) -> Signed:
    seconds = given.get("X-Amz-Expires", "")
    if not seconds.isdecimal() or not 1 <= int(seconds) <= LONGEST.total_seconds():
        raise InvalidRequest("X-Amz-Expires", "must be between 1 second and seven days")
    key, scope = _credential(given.get("X-Amz-Credential", ""))
    return Signed(
        access_key_id=key,
        scope=scope,
        signed_headers=tuple(given.get("X-Amz-SignedHeaders", "").lower().split(";")),
        signature=given[SIGNATURE],
        at=_time(given.get("X-Amz-Date", "")),
        payload=UNSIGNED,
        lives=timedelta(seconds=int(seconds)),
    )


def _credential(text: str) -> tuple[str, str]:
    key, _, scope = text.partition("/")
    if not key or not _SCOPE.fullmatch(scope):
        raise InvalidRequest("Credential", "must be <key>/<date>/<region>/s3/aws4_request")
    return key, scope


def _time(text: str) -> datetime:
    try:
        return datetime.strptime(text, TIME).replace(tzinfo=UTC)
    except ValueError:
        raise InvalidRequest("X-Amz-Date", "must be a time such as 20260701T120000Z") from None


# -- checking -----------------------------------------------------------------------------------
def check_time(signed: Signed, now: datetime) -> None:
    """Raises `BadTime`."""
    latest = signed.at + (signed.lives or SKEW)
    if not signed.at - SKEW <= now <= latest or not signed.scope.startswith(f"{signed.at:%Y%m%d}/"):
        raise BadTime


def check_signature(
    signed: Signed, secret: str, method: str, path: str, query: str, headers: Mapping[str, str]
) -> None:
    """`path` and `query` as on the wire. Raises `BadSignature`."""
    if "host" not in signed.signed_headers:
        raise BadSignature("the header host must be signed")
    request = canonical_request(signed, method, path, query, headers)
    expected = sign(signing_key(secret, signed.scope), signed, request)
    if not hmac.compare_digest(expected.encode(), signed.signature.encode()):
        raise BadSignature


def canonical_request(
    signed: Signed, method: str, path: str, query: str, headers: Mapping[str, str]
) -> str:
    """The text that stands for the whole request."""
    lines = [
        method,
        path,
        _canonical_query(query),
        *(f"{name}:{' '.join(headers.get(name, '').split())}" for name in signed.signed_headers),
        "",
        ";".join(signed.signed_headers),
        signed.payload,
    ]
    return "\n".join(lines)


def sign(key: bytes, signed: Signed, request: str) -> str:
    """The signature, in hexadecimal."""
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = "\n".join((ALGORITHM, f"{signed.at:{TIME}}", signed.scope, digest))
    return hmac_hex(key, text)


def signing_key(secret: str, scope: str) -> bytes:
    """The key of a day, region and service."""
    key = f"AWS4{secret}".encode()
    for step in scope.split("/"):
        key = hmac.digest(key, step.encode(), "sha256")
    return key


def hmac_hex(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()


def split_query(query: str) -> Sequence[tuple[str, str]]:
    """Names and values, decoded; a name without a value has an empty one."""
    pairs = (part.partition("=") for part in query.split("&") if part)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]


def _canonical_query(query: str) -> str:
    pairs = (pair for pair in split_query(query) if pair[0] != SIGNATURE)
    encoded = ((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in pairs)
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))
