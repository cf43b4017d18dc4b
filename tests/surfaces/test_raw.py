"""Routes whose bodies are bytes: streamed both ways by the door, whatever their length."""

import asyncio
import json
import tracemalloc
from collections.abc import AsyncGenerator, Mapping
from typing import Any, cast

import httpx
import pytest

from config.asgi import application
from surfaces import gate, leaving
from surfaces.door import Door, Mount
from surfaces.kit import Answer, Surface
from surfaces.leaving import WhileThere
from surfaces.raw import Download, RawCall, RawRequest, RawRoute
from tests.surfaces.world import World
from vocabulary.errors import DomainError

MB = 1024 * 1024
BIG = 32 * MB
SURFACE = Surface(
    name="toy",
    key_headers=("authorization",),
    render_error=lambda error: Answer(status=499, body={"code": error.code}),
)


async def _anybody(request: RawRequest, surface: Surface, right: str) -> Any:
    return right


class Exchange:
    """One request to a door, in pieces, and what was sent back."""

    def __init__(self, door: Any, *, pieces: int = 1, piece: bytes = b"x") -> None:
        self.door, self.left, self.piece = door, pieces, piece
        self.status, self.size = 0, 0
        self.headers: dict[str, str] = {}
        self.text = b""
        self.gone = asyncio.Event()

    async def receive(self) -> Mapping[str, Any]:
        if self.left > 0:
            self.left -= 1
            return {"type": "http.request", "body": self.piece, "more_body": self.left > 0}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
        else:
            self.size += len(message.get("body", b""))
            self.text = (self.text + message.get("body", b""))[:10_000]

    async def __call__(self, method: str, path: str, **headers: str) -> "Exchange":
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
        }
        await self.door(scope, self.receive, self.send)
        return self


def _door(handler: Any, *, method: str = "PUT", most: int = 10) -> Door:
    route = RawRoute(
        method=method, path="x/{one}/{*rest}", handler=handler, right="write",
        most_bytes=most, authenticate=_anybody,
    )  # fmt: skip
    return Door([Mount.of("toy/v1", SURFACE, [route])], cast(Any, None))


async def _read(call: RawCall) -> Answer:
    size = sum([len(piece) async for piece in call.request.body])
    return Answer(body={"size": size, "args": dict(call.request.path_args)})


async def test_a_body_comes_in_pieces_and_arguments_come_apart():
    done = await Exchange(_door(_read), pieces=10)("PUT", "/toy/v1/x/a/b/c.txt")
    assert json.loads(done.text) == {"size": 10, "args": {"one": "a", "rest": "b/c.txt"}}


async def test_a_body_beyond_its_route_s_limit_is_refused_announced_or_not():
    for headers in ({}, {"content_length": "11"}):
        done = await Exchange(_door(_read), pieces=11)("PUT", "/toy/v1/x/a/b", **headers)
        assert (done.status, json.loads(done.text)) == (499, {"code": "too_large"})


async def test_a_caller_who_stalls_or_leaves_is_let_go(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gate, "PAUSE_SECONDS", 0.01)
    stalled = Exchange(_door(_read), pieces=0)
    assert json.loads((await stalled("PUT", "/toy/v1/x/a/b")).text) == {"code": "request_timeout"}
    left = Exchange(_door(_read), pieces=0)
    left.gone.set()
    assert (await left("PUT", "/toy/v1/x/a/b")).status == 0  # nobody to be answered


async def test_a_body_that_drips_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gate, "TOTAL_SECONDS", 0.05)
    dripping = Exchange(_door(_read, most=10_000), pieces=10_000)
    at_once = dripping.receive

    async def receive() -> Mapping[str, Any]:
        await asyncio.sleep(0.002)
        return await at_once()

    dripping.receive = receive  # type: ignore[method-assign]
    assert json.loads((await dripping("PUT", "/toy/v1/x/a/b")).text) == {"code": "request_timeout"}
    assert dripping.left > 5_000


async def test_a_body_too_large_whose_rest_never_comes_is_refused_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(gate, "PAUSE_SECONDS", 0.01)
    stuck = Exchange(_door(_read, most=1), pieces=2, piece=b"xx")

    async def receive() -> Mapping[str, Any]:
        if stuck.left == 1:
            await asyncio.Event().wait()
        stuck.left -= 1
        return {"type": "http.request", "body": stuck.piece, "more_body": True}

    stuck.receive = receive  # type: ignore[method-assign]
    assert json.loads((await stuck("PUT", "/toy/v1/x/a/b")).text) == {"code": "too_large"}


async def test_long_work_ends_when_its_caller_hangs_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(leaving, "PATIENCE", 0)
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def handle(call: RawCall) -> Answer:
        await _read(call)
        async with WhileThere(call.request.gone):
            await work()
        return Answer(body={})

    exchange = Exchange(_door(handle))
    asking = asyncio.ensure_future(exchange("PUT", "/toy/v1/x/a/b"))
    await begun.wait()
    exchange.gone.set()
    await asking
    assert exchange.status == 0
    assert ended.is_set()


async def test_an_error_is_the_surface_s_and_a_crash_tells_nothing(caplog):
    async def refuse(call: RawCall) -> Answer:
        raise DomainError

    async def crash(call: RawCall) -> Answer:
        raise RuntimeError("secret details")

    for handler in (refuse, crash):
        done = await Exchange(_door(handler))("PUT", "/toy/v1/x/a/b")
        assert (done.status, json.loads(done.text)) == (499, {"code": "error"})
    assert "secret details" in caplog.text


async def test_another_method_is_not_allowed():
    done = await Exchange(_door(_read))("POST", "/toy/v1/x/a/b")
    assert json.loads(done.text) == {"code": "method_not_allowed"}


async def test_when_the_caller_goes_the_source_is_closed_at_once():
    closed = asyncio.Event()

    async def forever() -> AsyncGenerator[bytes]:
        try:
            while True:
                yield b"x"
                await asyncio.sleep(0)
        finally:
            closed.set()

    async def give(call: RawCall) -> Download:
        return Download(chunks=forever(), headers={"content-length": "9"})

    exchange = Exchange(_door(give, method="GET"), pieces=0)
    asyncio.get_running_loop().call_later(0.02, exchange.gone.set)
    done = await asyncio.wait_for(exchange("GET", "/toy/v1/x/a/b"), 5)
    assert closed.is_set()
    assert (done.status, done.headers["content-length"]) == (200, "9")


async def test_a_file_of_many_megabytes_passes_through_little_memory(our_world: World):
    path, key = "/telnyx/v2/storage/buckets/big/file", our_world.bearer["authorization"]
    piece = bytes(64 * 1024)
    tracemalloc.start()
    try:
        put = Exchange(application, pieces=BIG // len(piece), piece=piece)
        await put("PUT", path, authorization=key, content_length=str(BIG))
        assert json.loads(put.text)["data"]["size"] == BIG
        got = await Exchange(application)("GET", path, authorization=key)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (got.status, got.size, got.headers["content-length"]) == (200, BIG, str(BIG))
    assert peak < 8 * MB


async def test_a_form_with_a_file_may_be_larger_than_one_without(server: httpx.AsyncClient, db):
    large = b"x" * (2 * MB)
    form = {"content-type": "multipart/form-data; boundary=b"}
    plain = await server.post("/admin/login/", content=large, headers=form)
    assert plain.status_code == 413
    signed = await server.post("/admin/login/", content=large, headers={**form, "cookie": "a=b"})
    assert signed.status_code == 403, "Django read it, and misses the form's token"
