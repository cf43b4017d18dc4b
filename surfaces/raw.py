"""Routes whose bodies are bytes of any length: they stream both ways and are never held whole.

A surface lists them in `LIVE` beside its live routes; they too are answered in front of Django.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from organisations.actor import Actor
from surfaces.kit import Answer, Surface
from surfaces.live import find_actor, refuse

log = logging.getLogger(__name__)
MOST_BYTES: Final = 5 * 1024**3
"""Of one body: what S3 takes in one piece."""


async def _never() -> None:
    await asyncio.Event().wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRequest:
    """What came, before anybody asked who sent it. Header names are lower case.

    `path` and `query` are as on the wire, still percent-encoded. `body` can be read once; when it
    was read to its end, `gone` can be waited for, until the caller hangs up.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: AsyncGenerator[bytes]
    request_id: str
    path_args: Mapping[str, str] = field(default_factory=dict)
    gone: Callable[[], Coroutine[Any, Any, None]] = _never


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCall:
    """An authenticated request."""

    actor: Actor
    surface: Surface
    request: RawRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """An answer that is sent piece by piece. `headers` should hold `content-length`."""

    chunks: AsyncGenerator[bytes]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


type RawHandler = Callable[[RawCall], Awaitable[Answer | Download]]
type Authenticator = Callable[[RawRequest, Surface, str], Awaitable[Actor]]


async def by_key(request: RawRequest, surface: Surface, right: str) -> Actor:
    """Who sends `request`, by the API key in one of the surface's headers."""
    return await find_actor(request.headers, surface, right)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRoute:
    """`path` as in `LiveRoute`; `right` is the scope that it takes (`organisations.actor`)."""

    method: str
    path: str
    handler: RawHandler
    right: str
    most_bytes: int = MOST_BYTES
    authenticate: Authenticator = by_key


async def answer_raw(route: RawRoute, surface: Surface, request: RawRequest) -> Answer | Download:
    """Key → rights → handler; an error becomes the surface's answer."""
    try:
        actor = await route.authenticate(request, surface, route.right)
        return await route.handler(RawCall(actor=actor, surface=surface, request=request))
    except Exception as error:
        return refuse(surface, error, route.path)
    finally:
        await request.body.aclose()
