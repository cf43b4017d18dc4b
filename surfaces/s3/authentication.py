"""Who sends a signed request."""

from collections.abc import AsyncGenerator
from typing import Final

from common import clock
from organisations.actor import Actor
from organisations.authentication import SigningKey, SigningKeyring
from organisations.keys import is_well_formed
from surfaces.kit import Surface
from surfaces.raw import RawCall, RawRequest
from surfaces.s3.payloads import read_payload
from surfaces.s3.signatures import (
    Signed,
    check_signature,
    check_time,
    parse_signed,
    signing_key,
)
from vocabulary.errors import TooLarge, Unauthenticated

_KEYRING: Final = SigningKeyring()


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


async def payload(call: RawCall) -> AsyncGenerator[bytes]:
    """The body, checked at its end against what was signed."""
    request = call.request
    signed = parse_signed(request.headers, request.query)
    key = await _find(signed)
    secret = signing_key(key.secret.reveal(), signed.scope)
    async for piece in read_payload(request.body, signed, secret):
        yield piece


async def read_all(call: RawCall, most: int) -> bytes:
    """A small body; `TooLarge` beyond `most` bytes."""
    held = bytearray()
    async for piece in payload(call):
        held += piece
        if len(held) > most:
            raise TooLarge(f"the body is larger than {most} bytes")
    return bytes(held)


async def _find(signed: Signed) -> SigningKey:
    """A URL is passed on and written into logs, so no whole API key may stand in one."""
    if signed.lives is not None and is_well_formed(signed.access_key_id):
        raise Unauthenticated("an API key may not stand in a URL; make an access key")
    return await _KEYRING.find(signed.access_key_id)
