"""Who sends a signed request."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from common import clock
from files.spool import Spooled, spooled
from files.threads import in_file_thread
from organisations.actor import Actor
from organisations.authentication import SigningKey, SigningKeyring
from organisations.keys import is_well_formed
from surfaces.kit import Surface
from surfaces.raw import RawCall, RawRequest
from surfaces.s3.checksums import check_digest
from surfaces.s3.payloads import Payload
from surfaces.s3.signatures import (
    Signed,
    check_signature,
    check_time,
    parse_signed,
)
from vocabulary.errors import TooLarge, Unauthenticated
from wire.sigv4 import signing_key

_KEYRING: Final = SigningKeyring()
_SIZE: Final = re.compile(r"[0-9]{1,15}")


async def by_signature(request: RawRequest, surface: Surface, right: str) -> Actor:
    """Raises `Unauthenticated`, `Forbidden`, or `InvalidRequest` for a malformed signature."""
    signed = parse_signed(request.headers, request.query)
    key = await _find(signed)
    check_time(signed, clock.now())
    check_signature(
        signed, key.secret.reveal(), request.method, request.path, request.query, request.headers
    )
    key.actor.require(right)
    return key.actor


async def read_payload(call: RawCall) -> Payload:
    """The body, checked at its end against what was signed."""
    request = call.request
    signed = parse_signed(request.headers, request.query)
    key = await _find(signed)
    announced = request.headers.get("x-amz-decoded-content-length", "")
    return Payload(
        body=request.body,
        signed=signed,
        key=signing_key(key.secret.reveal(), signed.scope),
        announced=int(announced) if _SIZE.fullmatch(announced) else None,
    )


async def read_all(call: RawCall, most: int) -> bytes:
    """A small body; `TooLarge` beyond `most` bytes."""
    held = bytearray()
    async for piece in (await read_payload(call)).chunks():
        held += piece
        if len(held) > most:
            raise TooLarge(f"the body is larger than {most} bytes")
    return bytes(held)


@asynccontextmanager
async def arrived(call: RawCall, most: int) -> AsyncIterator[Spooled]:
    """The body as a file, while the block lasts, if it is what was signed and has the digests that
    were sent beside it."""
    payload = await read_payload(call)
    async with spooled(payload.chunks(), most=most) as file:
        told = {**call.request.headers, **payload.trailer}
        await in_file_thread(check_digest, told, file)
        yield file


async def _find(signed: Signed) -> SigningKey:
    """A URL is passed on and written into logs, so no whole API key may stand in one."""
    if signed.lives is not None and is_well_formed(signed.access_key_id):
        raise Unauthenticated("an API key may not stand in a URL; make an access key")
    return await _KEYRING.find(signed.access_key_id)
