"""The ASGI application in front of Django: finds the surface, guards the body, answers live routes.

Everything else passes on to Django with the body already read and bounded.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, assert_never

from common import clock, ids
from surfaces.gate import (
    LARGE,
    MOST_BYTES,
    Disconnected,
    Receive,
    check_headers,
    read_body,
    stream_body,
)
from surfaces.kit import ROUTE, Answer, Surface
from surfaces.live import EventStream, LiveRoute, answer_live
from surfaces.raw import Download, RawRequest, RawRoute, answer_raw
from surfaces.traffic import OTHER, TRAFFIC
from vocabulary.errors import DomainError, NotAllowed, TooLarge, Unauthenticated

type Scope = dict[str, Any]
type Send = Callable[[Mapping[str, Any]], Awaitable[None]]
type Application = Callable[[Scope, Receive, Send], Awaitable[None]]

log = logging.getLogger(__name__)
HEARTBEAT_SECONDS: Final = 15.0
HUNG_UP: Final = 499
"""The status, for statistics alone, of what nobody waited for."""
_SANE_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,80}")


type Route = LiveRoute | RawRoute
type Found = tuple[Route, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A surface under its prefix (`/telnyx/v2/`), with its live routes by path and method."""

    prefix: str
    surface: Surface
    exact: Mapping[str, Mapping[str, Route]]
    patterns: tuple[tuple[re.Pattern[str], Mapping[str, Route]], ...]

    @classmethod
    def of(cls, prefix: str, surface: Surface, routes: Sequence[Route]) -> "Mount":
        base = f"/{prefix}/"
        paths: dict[str, dict[str, Route]] = {}
        for route in routes:
            paths.setdefault(base + route.path, {})[route.method] = route
        return cls(
            prefix=base,
            surface=surface,
            exact={path: methods for path, methods in paths.items() if "{" not in path},
            patterns=tuple((_pattern(path), m) for path, m in paths.items() if "{" in path),
        )

    def find(self, path: str, method: str) -> Found | None:
        """The route of a path that is answered here; raises `NotAllowed` for another method."""
        methods, args = self._methods(path)
        if not methods:
            return None
        if method not in methods:
            raise NotAllowed(f"this path takes {', '.join(sorted(methods))} only")
        return methods[method], args

    def _methods(self, path: str) -> tuple[Mapping[str, Route], Mapping[str, str]]:
        at = self.prefix if f"{path}/" == self.prefix else path
        if (methods := self.exact.get(at)) is not None:
            return methods, {}
        for pattern, methods in self.patterns:
            if match := pattern.fullmatch(path):
                return methods, match.groupdict()
        return {}, {}


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(
        "".join(_piece(piece) for piece in re.split(r"(\{\*?\w+\})", path)), re.DOTALL
    )


def _piece(piece: str) -> str:
    """`{name}` is one step, `{*name}` the rest."""
    if not piece.startswith("{"):
        return re.escape(piece)
    name = piece.strip("{*}")
    return f"(?P<{name}>.+)" if piece.startswith("{*") else f"(?P<{name}>[^/]+)"


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
        place = f"{scope['path']}/"
        mount = next((m for m in self.mounts if place.startswith(m.prefix)), None)
        if mount is None:
            await self._elsewhere(exchange)
        else:
            await self._measured(mount, exchange)

    async def _elsewhere(self, exchange: "Exchange") -> None:
        """To the pages for people. Django would spool a body of any size before it asks who sends
        it; a form is small, unless somebody who says to be signed in sends a file with it."""
        kind = exchange.headers.get("content-type", "")
        has_file = kind.startswith("multipart/") and "cookie" in exchange.headers
        most = MOST_BYTES if has_file else LARGE
        try:
            check_headers(exchange.headers, most)
            body = await exchange.body(most)
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
        except Disconnected:
            exchange.status = HUNG_UP
        finally:
            route = exchange.route or exchange.scope.get(ROUTE, OTHER)
            seconds = clock.monotonic() - began
            TRAFFIC.note(
                mount.surface.name, exchange.scope["method"], route, exchange.status, seconds
            )

    async def _at(self, mount: Mount, exchange: "Exchange") -> None:
        try:
            found = mount.find(exchange.scope["path"], exchange.scope["method"])
            match found:
                case (RawRoute(most_bytes=most), _):
                    check_headers(exchange.headers, most, mount.surface.encodings)
                case _:
                    check_headers(exchange.headers, MOST_BYTES)
            if found is None:
                await self._pass_on(mount, exchange)
                return
        except DomainError as error:
            await exchange.answer(mount.surface.render_error(error))
            return
        exchange.route = mount.prefix + found[0].path
        await self._answer(mount, exchange, *found)

    async def _answer(
        self, mount: Mount, exchange: "Exchange", route: Route, args: Mapping[str, str]
    ) -> None:
        answer: Answer | EventStream | Download
        match route:
            case LiveRoute():
                answer = await self._live(mount, exchange, route, args)
            case RawRoute():
                answer = await answer_raw(route, mount.surface, exchange.raw(route, args))
            case _:
                assert_never(route)
        match answer:
            case EventStream():
                await exchange.stream(answer, mount.surface.heartbeat)
            case Download():
                await exchange.download(answer)
            case _:
                await exchange.answer(answer)

    async def _live(
        self, mount: Mount, exchange: "Exchange", route: LiveRoute, args: Mapping[str, str]
    ) -> Answer | EventStream:
        return await answer_live(
            route,
            mount.surface,
            headers=exchange.headers,
            read_body=partial(exchange.body, MOST_BYTES),
            request_id=exchange.request_id,
            path_args=args,
            gone=exchange.gone,
        )

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

    def raw(self, route: RawRoute, args: Mapping[str, str]) -> RawRequest:
        """This request for a route that reads its body itself."""
        return RawRequest(
            method=self.scope["method"],
            path=self.scope["raw_path"].decode("latin-1"),
            query=self.scope["query_string"].decode("latin-1"),
            headers=self.headers,
            body=stream_body(self.receive, route.most_bytes),
            request_id=self.request_id,
            path_args=args,
            gone=self.gone,
        )

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
        sent = b"" if self.scope["method"] == "HEAD" else body
        await self.send({"type": "http.response.body", "body": sent})

    async def stream(self, stream: EventStream, heartbeat: str | None) -> None:
        """Send the blocks as they come; when the caller goes, close their source at once."""
        await self._start(200, stream.headers, b"text/event-stream; charset=utf-8")
        try:
            await self._until_gone(self._pump(stream, heartbeat))
        finally:
            await stream.blocks.aclose()

    async def download(self, download: Download) -> None:
        """Send the pieces; a source that breaks leaves the answer short of its length."""
        await self._start(download.status, download.headers, b"application/octet-stream")
        try:
            await self._until_gone(self._pour(download))
        finally:
            await download.chunks.aclose()

    async def _pour(self, download: Download) -> None:
        async for chunk in download.chunks:
            await self.send({"type": "http.response.body", "body": chunk, "more_body": True})
        await self.send({"type": "http.response.body", "body": b""})

    async def _until_gone(self, sending: Coroutine[Any, Any, None]) -> None:
        """Send until the end, or until the caller goes. Raises what `sending` does."""
        pump = asyncio.ensure_future(sending)
        gone = asyncio.ensure_future(self.gone())
        try:
            await asyncio.wait({pump, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (pump, gone):
                task.cancel()
            await asyncio.gather(pump, gone, return_exceptions=True)
        if not pump.cancelled():
            pump.result()

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

    async def gone(self) -> None:
        """Returns when the caller hangs up; for when the body was read."""
        while (await self.receive())["type"] != "http.disconnect":
            pass
