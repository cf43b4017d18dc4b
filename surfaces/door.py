"""The ASGI application in front of Django: finds the surface, guards the body, answers live routes.

Everything else passes on to Django with the body already read and bounded.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from common import clock, ids
from surfaces.gate import LARGE, MOST_BYTES, Receive, check_headers, read_body
from surfaces.kit import ROUTE, Answer, Surface
from surfaces.live import EventStream, LiveRoute, answer_live
from surfaces.traffic import OTHER, TRAFFIC
from vocabulary.errors import DomainError, NotAllowed, TooLarge, Unauthenticated

type Scope = dict[str, Any]
type Send = Callable[[Mapping[str, Any]], Awaitable[None]]
type Application = Callable[[Scope, Receive, Send], Awaitable[None]]

log = logging.getLogger(__name__)
HEARTBEAT_SECONDS: Final = 15.0
_SANE_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,80}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A surface under its prefix (`/telnyx/v2/`), with its live routes by path."""

    prefix: str
    surface: Surface
    exact: Mapping[str, LiveRoute]
    patterns: tuple[tuple[re.Pattern[str], LiveRoute], ...]

    @classmethod
    def of(cls, prefix: str, surface: Surface, routes: list[LiveRoute]) -> "Mount":
        base = f"/{prefix}/"
        plain = {base + route.path: route for route in routes if "{" not in route.path}
        return cls(
            prefix=base,
            surface=surface,
            exact=plain,
            patterns=tuple((_pattern(base + r.path), r) for r in routes if "{" in r.path),
        )

    def find(self, path: str) -> tuple[LiveRoute, Mapping[str, str]] | None:
        if (route := self.exact.get(path)) is not None:
            return route, {}
        for pattern, route in self.patterns:
            if match := pattern.fullmatch(path):
                return route, match.groupdict()
        return None


def _pattern(path: str) -> re.Pattern[str]:
    pieces = re.split(r"\{(\w+)\}", path)
    return re.compile(
        "".join(f"(?P<{p}>.+?)" if i % 2 else re.escape(p) for i, p in enumerate(pieces))
    )


class Door:
    """Answers live routes itself and hands the rest to `django`."""

    def __init__(self, mounts: list[Mount], django: Application) -> None:
        self.mounts = mounts
        self.django = django

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        given = headers.get("x-request-id", "")
        exchange = Exchange(
            scope=scope,
            headers=headers,
            receive=receive,
            send=send,
            request_id=given if _SANE_ID.fullmatch(given) else ids.new("req"),
        )
        mount = next((m for m in self.mounts if scope["path"].startswith(m.prefix)), None)
        if mount is None:
            await self._elsewhere(exchange)
        else:
            await self._measured(mount, exchange)

    async def _elsewhere(self, exchange: "Exchange") -> None:
        """To the pages for people. Django would spool a body of any size before it asks who sends
        it; a form is small."""
        try:
            check_headers(exchange.headers, LARGE)
            body = await exchange.body(LARGE)
        except DomainError as error:
            status = 413 if isinstance(error, TooLarge) else 400
            plain = {"content-type": "text/plain"}
            await exchange.answer(Answer(status=status, body=error.message.encode(), headers=plain))
            return
        await exchange.pass_on(self.django, body)

    async def _measured(self, mount: Mount, exchange: "Exchange") -> None:
        """A stream is measured to its end, whoever ended it."""
        began = clock.monotonic()
        try:
            await self._at(mount, exchange)
        finally:
            route = exchange.route or exchange.scope.get(ROUTE, OTHER)
            seconds = clock.monotonic() - began
            TRAFFIC.note(
                mount.surface.name, exchange.scope["method"], route, exchange.status, seconds
            )

    async def _at(self, mount: Mount, exchange: "Exchange") -> None:
        try:
            check_headers(exchange.headers, MOST_BYTES)
            found = mount.find(exchange.scope["path"])
            if found is not None and exchange.scope["method"] != found[0].method:
                raise NotAllowed(f"this path takes {found[0].method} only")
            if found is None:
                await self._pass_on(mount, exchange)
                return
        except DomainError as error:
            await exchange.answer(mount.surface.render_error(error))
            return
        exchange.route = mount.prefix + found[0].path
        await self._live(mount, exchange, *found)

    async def _live(
        self, mount: Mount, exchange: "Exchange", route: LiveRoute, args: Mapping[str, str]
    ) -> None:
        answer = await answer_live(
            route,
            mount.surface,
            headers=exchange.headers,
            read_body=partial(exchange.body, MOST_BYTES),
            request_id=exchange.request_id,
            path_args=args,
        )
        if isinstance(answer, EventStream):
            await exchange.stream(answer, mount.surface.heartbeat)
        else:
            await exchange.answer(answer)

    async def _pass_on(self, mount: Mount, exchange: "Exchange") -> None:
        """To Django, with a body that was read here only if a credential came with it."""
        if not any(name in exchange.headers for name in mount.surface.key_headers):
            raise Unauthenticated("no API key was sent")
        multipart = exchange.headers.get("content-type", "").startswith("multipart/")
        body = await exchange.body(MOST_BYTES if multipart else LARGE)
        await exchange.pass_on(self.django, body)


class _Stopwatch:
    """How long ago something was last sent."""

    def __init__(self) -> None:
        self.touch()

    def touch(self) -> None:
        self._at = clock.monotonic()

    @property
    def idle(self) -> float:
        return clock.monotonic() - self._at


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One request and the way back. `status` is 0 until an answer begins."""

    scope: Scope
    headers: Mapping[str, str]
    receive: Receive
    send: Send
    request_id: str
    route: str = ""
    status: int = 0
    clock: _Stopwatch = field(default_factory=_Stopwatch)

    async def body(self, limit: int) -> bytes:
        return await read_body(self.receive, limit)

    async def pass_on(self, application: Application, body: bytes) -> None:
        """To `application`, with the body that was read here."""
        rest = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> Mapping[str, Any]:
            return next(rest, None) or await self.receive()

        async def send(message: Mapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                stamp = (b"x-request-id", self.request_id.encode())
                message = {**message, "headers": [*message.get("headers", ()), stamp]}
            await self.send(message)

        await application(self.scope, receive, send)

    async def answer(self, answer: Answer) -> None:
        body = answer.encoded()
        length = (b"content-length", str(len(body)).encode())
        await self._start(answer.status, answer.headers, b"application/json", length)
        await self.send({"type": "http.response.body", "body": body})

    async def stream(self, stream: EventStream, heartbeat: str | None) -> None:
        """Send the blocks as they come; when the caller goes, close their source at once."""
        await self._start(200, stream.headers, b"text/event-stream; charset=utf-8")
        pump = asyncio.ensure_future(self._pump(stream, heartbeat))
        gone = asyncio.ensure_future(self._gone())
        try:
            await asyncio.wait({pump, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (pump, gone):
                task.cancel()
            await asyncio.gather(pump, gone, return_exceptions=True)
            await stream.blocks.aclose()

    async def _start(
        self, status: int, headers: Mapping[str, str], kind: bytes, *more: tuple[bytes, bytes]
    ) -> None:
        self.status = status
        pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        if not any(name == b"content-type" for name, _ in pairs):
            pairs.append((b"content-type", kind))
        pairs += [*more, (b"x-request-id", self.request_id.encode())]
        await self.send({"type": "http.response.start", "status": status, "headers": pairs})

    async def _pump(self, stream: EventStream, heartbeat: str | None) -> None:
        await self._block(stream.first)
        pulse = asyncio.ensure_future(self._beat(heartbeat))
        try:
            async for block in stream.blocks:
                self.clock.touch()
                await self._block(block)
        except DomainError as error:
            await self._block(stream.render_error(error))
        except Exception:
            log.exception("a stream broke")
            await self._block(stream.render_error(DomainError("unexpected error")))
        finally:
            pulse.cancel()
        await self.send({"type": "http.response.body", "body": b""})

    async def _beat(self, heartbeat: str | None) -> None:
        """Keep proxies from closing a stream on which nothing happens."""
        while heartbeat is not None:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            if self.clock.idle >= HEARTBEAT_SECONDS:
                await self._block(heartbeat)

    async def _block(self, text: str) -> None:
        if text:
            await self.send(
                {"type": "http.response.body", "body": text.encode(), "more_body": True}
            )

    async def _gone(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass
