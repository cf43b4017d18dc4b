"""The body of a signed request as the bytes that were meant, checked against what was signed.

Most bodies are signed by their hash. A client that does not know the hash beforehand sends signed
chunks, each with a line before it: `<length>;chunk-signature=<signature>`.
"""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

from surfaces.s3.signatures import TIME, UNSIGNED, BadSignature, Signed, hmac_hex
from vocabulary.errors import InvalidRequest

CHUNKED: Final = "STREAMING-"
SIGNED_CHUNKS: Final = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
TRAILER: Final = "-TRAILER"
_EMPTY: Final = hashlib.sha256(b"").hexdigest()
_LONGEST_LINE: Final = 4096
_LARGEST_CHUNK: Final = 64 * 1024 * 1024


async def read_payload(
    body: AsyncIterator[bytes], signed: Signed, key: bytes
) -> AsyncGenerator[bytes]:
    """The bytes of `body`. Raises `BadSignature` at their end if they are not those signed, so
    nothing may be stored before that; `InvalidRequest` for chunks that are malformed."""
    if signed.payload.startswith(CHUNKED):
        async for piece in _Chunks(body, signed, key).read():
            yield piece
        return
    hash = hashlib.sha256()
    async for piece in body:
        hash.update(piece)
        yield piece
    if signed.payload not in {UNSIGNED, hash.hexdigest()}:
        raise BadSignature("the body is not the one that was signed")


@dataclass(slots=True)
class _Chunks:
    """A body in chunks. Each signature covers the one before it, so none can be moved."""

    body: AsyncIterator[bytes]
    signed: Signed
    key: bytes
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
            self._check(signature, hash.hexdigest())
            if size == 0:
                break
            if await self._line():
                raise InvalidRequest("", "a chunk is longer than it says")
        await self._read_trailer()

    def _check(self, signature: str, digest: str) -> None:
        if not self.signed.payload.startswith(SIGNED_CHUNKS):
            return
        kind = "AWS4-HMAC-SHA256-PAYLOAD"
        lines = (kind, f"{self.signed.at:{TIME}}", self.signed.scope, self.before, _EMPTY, digest)
        if hmac_hex(self.key, "\n".join(lines)) != signature:
            raise BadSignature("a chunk of the body is not the one that was signed")
        self.before = signature

    async def _read_trailer(self) -> None:
        """Checksums of the whole, which TCP and our own digest make needless here."""
        if self.signed.payload.endswith(TRAILER):
            while await self._line():
                pass

    async def _line(self) -> bytes:
        """Up to the next line's end, without it; empty at the end of the body."""
        while b"\r\n" not in self.held:
            if len(self.held) > _LONGEST_LINE:
                raise InvalidRequest("", "a chunk's head is too long")
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
    size, _, rest = line.decode("latin-1").partition(";")
    try:
        length = int(size, 16)
    except ValueError:
        raise InvalidRequest("", "a chunk does not say how long it is") from None
    if not 0 <= length <= _LARGEST_CHUNK:
        raise InvalidRequest("", "a chunk is too large")
    return length, rest.removeprefix("chunk-signature=")
