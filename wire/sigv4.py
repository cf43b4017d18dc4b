"""AWS' signature version 4: the text that stands for a request, and its signature.

Pure, and for both sides: who signs a request, and who checks what somebody signed.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import quote, unquote_plus, urlsplit

from wire.http import HttpCall

ALGORITHM: Final = "AWS4-HMAC-SHA256"
TIME: Final = "%Y%m%dT%H%M%SZ"
SIGNATURE: Final = "X-Amz-Signature"
SAFE: Final = "-_.~"
"""What is never escaped."""
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who signs. `token` comes with those that were lent for a while."""

    access_key_id: str
    secret: str
    token: str = ""

    def __repr__(self) -> str:
        return f"Credentials({self.access_key_id})"


# -- signing ------------------------------------------------------------------------------------
def sign_call(
    call: HttpCall, credentials: Credentials, *, region: str, service: str, at: datetime
) -> HttpCall:
    """The call with the headers that show who sends it. Its body is bytes. `at` is in UTC."""
    assert isinstance(call.body, bytes)
    parts = urlsplit(call.url)
    added = {"X-Amz-Date": f"{at:{TIME}}"}
    if credentials.token:
        added["X-Amz-Security-Token"] = credentials.token
    signed = {name.lower(): value for name, value in {**call.headers, **added}.items()}
    signed["host"] = _host(call.url)
    names = sorted(signed)
    payload = hashlib.sha256(call.body).hexdigest()
    path = quote(parts.path or "/", safe=f"/{SAFE}")  # escaped as it travels, and once more
    request = canonical_request(call.method, path, parts.query, signed, names, payload)
    scope = f"{at:%Y%m%d}/{region}/{service}/aws4_request"
    signature = sign(signing_key(credentials.secret, scope), at, scope, request)
    added["Authorization"] = (
        f"{ALGORITHM} Credential={credentials.access_key_id}/{scope}, "
        f"SignedHeaders={';'.join(names)}, Signature={signature}"
    )
    return replace(call, headers={**call.headers, **added})


def _host(url: str) -> str:
    """As HTTP libraries name it: without the port where it is the scheme's own."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    if parts.port is None or parts.port == _DEFAULT_PORTS.get(parts.scheme):
        return host
    return f"{host}:{parts.port}"


# -- what is signed -----------------------------------------------------------------------------
def canonical_request(
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    names: Sequence[str],
    payload: str,
) -> str:
    """The text that stands for the whole request; its characters are bytes.

    `path` is as the service wants it signed, `names` are the signed headers in their order, in
    lower case as in `headers`, and `payload` is the body's hash or the word in its place.
    """
    lines = [
        method,
        path,
        canonical_query(query),
        *(f"{name}:{_canonical_value(headers.get(name, ''))}" for name in names),
        "",
        ";".join(names),
        payload,
    ]
    return "\n".join(lines)


def sign(key: bytes, at: datetime, scope: str, request: str) -> str:
    """The signature of a canonical request, in hexadecimal."""
    digest = hashlib.sha256(request.encode("latin-1")).hexdigest()
    return hmac_hex(key, "\n".join((ALGORITHM, f"{at:{TIME}}", scope, digest)))


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


def canonical_query(query: str) -> str:
    """In order and without a signature. A `+` is a space, as those who write one mean it."""
    pairs = (pair for pair in split_query(query) if pair[0] != SIGNATURE)
    encoded = ((quote(name, safe=SAFE), quote(value, safe=SAFE)) for name, value in pairs)
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))


def _canonical_value(text: str) -> str:
    """Spaces alone are squeezed: a byte of a UTF-8 character may look like another blank."""
    return " ".join(filter(None, text.strip(" \t").split(" ")))
