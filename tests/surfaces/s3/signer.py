"""A client that signs as clients do, with the words of `surfaces.s3.signatures`, which AWS's own
examples hold to be right (`test_signatures`)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from common import clock
from surfaces.s3.signatures import (
    CONTENT,
    UNSIGNED,
    Signed,
    canonical_request,
    sign,
)
from wire.sigv4 import ALGORITHM, TIME, signing_key

HOST = "testserver"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Request:
    """A signed request: `target` is path and query; `signed` what its body goes on from."""

    method: str
    target: str
    headers: Mapping[str, str]
    signed: Signed
    key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """`late` moves its clock; `leaves` are names of headers that it does not sign."""

    key: str
    secret: str
    late: timedelta = timedelta(0)
    leaves: Sequence[str] = field(default_factory=tuple)

    def sign(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        body: bytes = b"",
        payload: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Request:
        """`path` as on the wire."""
        at = clock.now() + self.late
        given = {
            "host": HOST,
            "x-amz-date": f"{at:{TIME}}",
            CONTENT: payload or sha256(body),
            **(headers or {}),
        }
        names = tuple(sorted(name for name in given if name not in self.leaves))
        text = _query(query)
        signed = self._signed(at, names, given[CONTENT])
        key = signing_key(self.secret, signed.scope)
        signature = sign(key, signed, canonical_request(signed, method, path, text, given))
        given["authorization"] = (
            f"{ALGORITHM} Credential={self.key}/{signed.scope}, "
            f"SignedHeaders={';'.join(names)}, Signature={signature}"
        )
        target = f"{path}?{text}" if text else path
        return Request(method, target, given, _with(signed, signature), key)

    def presign(
        self, method: str, path: str, query: Mapping[str, str] | None = None, *, seconds: int = 60
    ) -> str:
        """Path and query of a URL."""
        at = clock.now() + self.late
        signed = self._signed(at, ("host",), UNSIGNED)
        words = {
            **(query or {}),
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"{self.key}/{signed.scope}",
            "X-Amz-Date": f"{at:{TIME}}",
            "X-Amz-Expires": str(seconds),
            "X-Amz-SignedHeaders": "host",
        }
        text = _query(words)
        request = canonical_request(signed, method, path, text, {"host": HOST})
        signature = sign(signing_key(self.secret, signed.scope), signed, request)
        return f"{path}?{text}&X-Amz-Signature={signature}"

    def _signed(self, at: Any, names: tuple[str, ...], payload: str) -> Signed:
        return Signed(
            access_key_id=self.key,
            scope=f"{at:%Y%m%d}/us-east-1/s3/aws4_request",
            signed_headers=names,
            signature="",
            at=at,
            payload=payload,
        )


@dataclass(frozen=True, slots=True)
class Client:
    """Sends what `signer` signs to the application in this process."""

    server: httpx.AsyncClient
    signer: Signer

    async def __call__(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        body: bytes = b"",
        sent: bytes | None = None,
        **more: Any,
    ) -> httpx.Response:
        """`sent` goes out instead of the body that is signed."""
        request = self.signer.sign(method, path, query, body=body, **more)
        return await self.send(request, body if sent is None else sent)

    async def send(self, request: Request, body: bytes) -> httpx.Response:
        return await self.server.request(
            request.method, raw_url(request.target), headers=request.headers, content=body
        )


def raw_url(target: str) -> httpx.URL:
    """As it stands: the client would tidy it up."""
    return httpx.URL(f"http://{HOST}").copy_with(raw_path=target.encode())


def code_of(answer: httpx.Response) -> str:
    """The code of an error in S3's words."""
    head, _, rest = answer.text.partition("<Error><Code>")
    assert head.startswith("<?xml") and answer.headers["content-type"] == "application/xml"
    return rest.partition("</Code>")[0]


def _query(words: Mapping[str, str] | None) -> str:
    return urlencode(words or {}, quote_via=quote, safe="-_.~")


def _with(signed: Signed, signature: str) -> Signed:
    return Signed(
        access_key_id=signed.access_key_id,
        scope=signed.scope,
        signed_headers=signed.signed_headers,
        signature=signature,
        at=signed.at,
        payload=signed.payload,
    )
