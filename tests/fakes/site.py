"""A small web site on this machine, in a thread of its own: pages by path, some of them hostile."""

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Self

from tests.fakes.http import Call, Line

type Page = Callable[[Call, Line], Coroutine[Any, Any, None] | None]

HTML = "text/html; charset=utf-8"
ENDLESS = 1 << 16  # bytes of a piece of what does not end


def says(body: str | bytes, content_type: str = HTML, status: int = 200, **headers: str) -> Page:
    """A page with this body; header names are spelled with `_` for `-`."""
    content = body.encode() if isinstance(body, str) else body
    named = {"Content-Type": content_type} | {k.replace("_", "-"): v for k, v in headers.items()}
    return lambda call, line: line.reply(content, status, named)


def links(*targets: str, text: str = "A page.", head: str = "") -> Page:
    """An HTML page that links to these."""
    anchors = "".join(f'<a href="{target}">there</a> ' for target in targets)
    return says(f"<html><head><title>{text}</title>{head}</head><body><p>{text}</p>{anchors}")


def redirects(to: str, status: int = 302) -> Page:
    return lambda call, line: line.reply(b"", status, {"Location": to})


def is_slow(seconds: float = 60.0) -> Page:
    """Answers after `seconds`, which nobody waits for."""

    async def answer(call: Call, line: Line) -> None:
        await asyncio.sleep(seconds)
        line.reply(b"late")

    return answer


def drips(call: Call, line: Line) -> Coroutine[Any, Any, None]:
    """Never silent for long, and never done."""

    async def answer() -> None:
        line.start_stream("text/html")
        while True:
            line.send(b"x")
            await asyncio.sleep(0.01)

    return answer()


def is_endless(call: Call, line: Line) -> Coroutine[Any, Any, None]:
    """Sends as fast as it can, without saying how much it will be."""

    async def answer() -> None:
        line.start_stream("text/html")
        while True:
            line.send(b"x" * ENDLESS)
            await asyncio.sleep(0)

    return answer()


class FakeSite:
    """`asked` counts the requests for each path; `most_at_once` those that overlapped."""

    def __init__(self, pages: dict[str, Page] | None = None, *, port: int = 0) -> None:
        self.pages = pages or {}
        self.asked: Counter[str] = Counter()
        self.agents: set[str] = set()
        self.pause = 0.0  # seconds before each answer
        self.most_at_once = 0
        self._at_once = 0
        self._socket = socket.create_server(("127.0.0.1", port), backlog=256)
        self.port = int(self._socket.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        started = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(started)), daemon=True
        )
        self._thread.start()
        started.wait()
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._serving.cancel)
        self._thread.join()

    async def _serve(self, started: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        server = await self._loop.create_server(lambda: Line(self._answer), sock=self._socket)
        self._serving = asyncio.ensure_future(asyncio.Event().wait())
        started.set()
        try:
            await self._serving
        except asyncio.CancelledError:
            server.close()
            server.abort_clients()

    async def _answer(self, call: Call, line: Line) -> None:
        self.asked[call.path] += 1
        self.agents.add(call.headers.get("user-agent", ""))
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await asyncio.sleep(self.pause)
            work = self.pages.get(call.path, says("nothing here", status=404))(call, line)
            if work is not None:
                await work
        finally:
            self._at_once -= 1


def chain(length: int) -> dict[str, Page]:
    """`/0` links to `/1` and so on."""
    return {f"/{number}": links(f"/{number + 1}") for number in range(length)}


def star(numbers: Iterable[int]) -> dict[str, Page]:
    """`/` links to all of the others."""
    leaves = {f"/page-{number}": links("/", text=f"Page number {number}.") for number in numbers}
    return {"/": links(*leaves)} | leaves
