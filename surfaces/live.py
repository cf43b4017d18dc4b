"""The live door: routes that wait for an upstream, answered in front of Django.

A surface lists its live routes beside its others. Each is an async function of a `LiveCall` that
returns an `Answer` or an `EventStream`; key, rights, body and errors are seen to here, with the
same authenticator, parsers and error wording as the ordinary views. Django's own async handling
costs four times as much per request, which is why this exists (docs/adr/0003-two-doors.md).
"""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from common.bodies import parse_json
from organisations.actor import Actor
from organisations.authentication import Keyring, read_token
from surfaces.gate import Disconnected
from surfaces.kit import Answer, Surface
from surfaces.leaving import Gone, WhileThere
from vocabulary.errors import DomainError, InvalidRequest
from vocabulary.json import JsonObject

log = logging.getLogger(__name__)
_KEYRING: Final = Keyring()


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCall:
    """An authenticated request with its JSON body. Header names are lower case."""

    actor: Actor
    surface: Surface
    body: JsonObject
    headers: Mapping[str, str]
    request_id: str
    path_args: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStream:
    """Server-sent events, each a finished text block.

    `render_error` words an error that comes after the first block; one that comes before it becomes
    an ordinary error answer.
    """

    blocks: AsyncGenerator[str]
    render_error: Callable[[DomainError], str]
    headers: Mapping[str, str] = field(default_factory=dict)
    first: str = ""


type LiveHandler = Callable[[LiveCall], Awaitable[Answer | EventStream]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRoute:
    """`path` is relative to the surface's prefix (`ai/chat/completions`) and may hold `{name}`s,
    each of one step; the last may be `{*name}`, which takes all that is left."""

    method: str
    path: str
    handler: LiveHandler


async def find_actor(headers: Mapping[str, str], surface: Surface, right: str) -> Actor:
    """Who sends these, if they may do `right`; raises `Unauthenticated` or `Forbidden`."""
    actor = await _KEYRING.authenticate(read_token(headers, surface.key_headers))
    actor.require(right)
    return actor


async def answer_live(
    route: LiveRoute,
    surface: Surface,
    *,
    headers: Mapping[str, str],
    read_body: Callable[[], Awaitable[bytes]],
    request_id: str,
    path_args: Mapping[str, str],
    gone: Gone,
) -> Answer | EventStream:
    """Key → rights → body → handler; an error becomes the surface's answer.

    Raises `Disconnected` when the caller goes before there is one.
    """
    try:
        actor = await find_actor(headers, surface, "inference")
        body = parse_json(await read_body())
        if not isinstance(body, dict):
            raise InvalidRequest("", "the body must be a JSON object")
        call = LiveCall(
            actor=actor,
            surface=surface,
            body=body,
            headers=headers,
            request_id=request_id,
            path_args=path_args,
        )
        async with WhileThere(gone):
            answer = await route.handler(call)
            return await _begun(answer) if isinstance(answer, EventStream) else answer
    except Exception as error:
        return refuse(surface, error, route.path)


def refuse(surface: Surface, error: Exception, path: str) -> Answer:
    """The surface's answer to what went wrong. To who hung up there is none: raises it again."""
    if isinstance(error, Disconnected):
        raise error
    if isinstance(error, DomainError):
        return surface.render_error(error)
    log.error("unexpected error on %s", path, exc_info=error)
    return surface.render_error(DomainError("unexpected error"))


async def _begun(stream: EventStream) -> EventStream:
    """Wait for the first block, so that an error before it still has its own status."""
    return replace(stream, first=await anext(stream.blocks, ""))
