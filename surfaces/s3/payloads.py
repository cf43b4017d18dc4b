"""The body of a signed request as the bytes that were meant, checked against what was signed.

Most bodies are signed by their hash. A client that does not know it beforehand sends chunks, each
with a line before it: `<length>;chunk-signature=<signature>`. Behind the last one a trailer may
stand, with checksums of the whole.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
"""

import hashlib
import hmac
import re
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

from surfaces.s3.signatures import CHUNKED, UNSIGNED, BadPayload, BadSignature, Signed
from vocabulary.errors import InvalidRequest
from wire.sigv4 import TIME
from wire.sigv4 import hmac_hex as sign

SIGNATURE: Final = "x-amz-trailer-signature"
_EMPTY: Final = hashlib.sha256(b"").hexdigest()
_LONGEST_LINE: Final = 4096
_MOST_TRAILERS: Final = 8
_HEAD: Final = re.compile(rb"([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?")


@dataclass(slots=True, kw_only=True)
class Payload:
    """What a request brings. `trailer` is there when `chunks` are at their end."""

    body: AsyncIterator[bytes]
    signed: Signed
    key: bytes
    announced: int | None = None
    """The size that a body in chunks has without their heads."""
    trailer: dict[str, str] = field(default_factory=dict)

    def chunks(self) -> AsyncGenerator[bytes]:
        """The bytes. At their end raises `BadPayload` or `BadSignature` if they are not those
        signed, so nothing may be stored before that; `InvalidRequest` if they are malformed."""
        return self._chunked() if self.signed.payload in CHUNKED else self._plain()

    async def _plain(self) -> AsyncGenerator[bytes]:
        hash = hashlib.sha256()
        async for piece in self.body:
            hash.update(piece)
            yield piece
        if self.signed.payload not in {UNSIGNED, hash.hexdigest()}:
            raise BadPayload("", "the body is not the one that was signed")

    async def _chunked(self) -> AsyncGenerator[bytes]:
        size = 0
        async for piece in _Chunks(self.body, self.signed, self.key, self.trailer).read():
            size += len(piece)
            yield piece
        if self.announced not in {None, size}:
            raise InvalidRequest("x-amz-decoded-content-length", f"is not {size}, which came")


@dataclass(slots=True)
class _Chunks:
    """A body in chunks. Each signature covers the one before it, so none can be moved."""

    body: AsyncIterator[bytes]
    signed: Signed
    key: bytes
    trailer: dict[str, str]
    held: bytearray = field(default_factory=bytearray)
    before: str = ""

    async def read(self) -> AsyncGenerator[bytes]:
        self.before = self.signed.signature
        while True:
            size, signature = _read_head(await self._line())
            hash: Any = hashlib.sha256()
            left = size
            while left:
                piece = await self._some(left)
                hash.update(piece)
                left -= len(piece)
                yield piece
            if self._is_signed:
                self._check(signature, "AWS4-HMAC-SHA256-PAYLOAD", _EMPTY, hash.hexdigest())
            if size == 0:
                break
            if await self._line():
                raise InvalidRequest("", "a chunk is longer than it says")
        await self._read_trailer()

    @property
    def _is_signed(self) -> bool:
        return "-HMAC-" in self.signed.payload

    def _check(self, signature: str, *covered: str) -> None:
        kind, *rest = covered
        lines = (kind, f"{self.signed.at:{TIME}}", self.signed.scope, self.before, *rest)
        if not hmac.compare_digest(sign(self.key, "\n".join(lines)), signature):
            raise BadSignature("a chunk of the body is not the one that was signed")
        self.before = signature

    async def _read_trailer(self) -> None:
        """Up to the end of the body. The empty line behind the trailer is not always sent."""
        while line := await self._line():
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon or len(self.trailer) == _MOST_TRAILERS:
                raise InvalidRequest("", "what stands behind the chunks is no trailer")
            self.trailer[name.strip().lower()] = value.strip()
        if await self._line():
            raise InvalidRequest("", "something stands behind the end of the body")
        if self._is_signed and self.signed.payload.endswith("-TRAILER"):
            signature = _bare(self.trailer.pop(SIGNATURE, ""))
            said = "".join(f"{name}:{value}\n" for name, value in self.trailer.items())
            digest = hashlib.sha256(said.encode("latin-1")).hexdigest()
            self._check(signature, "AWS4-HMAC-SHA256-TRAILER", digest)

    async def _line(self) -> bytes:
        """Up to the next line's end, without it; empty at the end of the body."""
        while b"\r\n" not in self.held:
            if len(self.held) > _LONGEST_LINE:
                raise InvalidRequest("", "a line between the chunks is too long")
            piece = await anext(self.body, b"")
            if not piece:
                break
            self.held += piece
        line, _, rest = bytes(self.held).partition(b"\r\n")
        self.held[:] = rest
        return line

    async def _some(self, most: int) -> bytes:
        """At least one byte, at most `most`."""
        if not self.held:
            piece = await anext(self.body, b"")
            if not piece:
                raise InvalidRequest("", "the body ends within a chunk")
            self.held += piece
        taken = bytes(self.held[:most])
        del self.held[:most]
        return taken


def _read_head(line: bytes) -> tuple[int, str]:
    """The size of a chunk, and its signature where it has one."""
    match = _HEAD.fullmatch(line)
    if match is None:
        raise InvalidRequest("", "a chunk does not say how long it is")
    return int(match[1], 16), (match[2] or b"").decode()


def _bare(text: str) -> str:
    """`compare_digest` takes ASCII alone."""
    return text if text.isascii() else ""
