"""The door in front of Django: keys, bodies, errors and streams of live routes."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import pytest

from common.db import in_thread
from organisations.actor import system
from organisations.services import create_api_key, create_organisation
from surfaces import door as door_module
from surfaces import gate, leaving
from surfaces.door import Door, Mount
from surfaces.kit import Answer, Surface
from surfaces.live import EventStream, LiveCall, LiveRoute
from vocabulary.errors import Conflict, DomainError, InvalidRequest, TooLarge

pytestmark = pytest.mark.django_db(transaction=True)


def render_error(error: DomainError) -> Answer:
    return Answer(status=499, body={"code": error.code, "message": error.message})


SURFACE = Surface(name="toy", key_headers=("authorization", "api-key"), render_error=render_error)


async def echo(call: LiveCall) -> Answer:
    return Answer(body={"got": dict(call.body), "args": dict(call.path_args)})


async def fail(call: LiveCall) -> Answer:
    raise InvalidRequest("a.b", "not like this")


async def crash(call: LiveCall) -> Answer:
    raise RuntimeError("secret details")


def streaming(*blocks: str | Exception, closed: list[bool] | None = None, pause: float = 0):
    async def blocks_of() -> AsyncGenerator[str]:
        try:
            for block in blocks:
                if isinstance(block, Exception):
                    raise block
                yield block
                await asyncio.sleep(pause)
        finally:
            if closed is not None:
                closed.append(True)

    async def handler(call: LiveCall) -> EventStream:
        return EventStream(blocks=blocks_of(), render_error=lambda e: f"data: {e.code}\n\n")

    return handler


class Caller:
    """One in-process ASGI exchange."""

    def __init__(self, *routes: LiveRoute) -> None:
        self.door = Door([Mount.of("toy/v1", SURFACE, list(routes))], self._django)
        self.sent: list[Mapping[str, Any]] = []
        self.passed_on: bytes | None = None
        self.gone = asyncio.Event()

    async def _django(self, scope: Any, receive: Any, send: Any) -> None:
        self.passed_on = (await receive())["body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"django"})

    async def call(self, path: str, body: bytes = b"{}", method: str = "POST", **headers: str):
        self.sent.clear()
        pending = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Mapping[str, Any]:
            if pending:
                return pending.pop()
            await self.gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Mapping[str, Any]) -> None:
            self.sent.append(message)

        pairs = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "headers": pairs}
        await self.door(scope, receive, send)
        return self.sent[0]["status"], self.text

    @property
    def text(self) -> str:
        return b"".join(m.get("body", b"") for m in self.sent[1:]).decode()

    @property
    def headers(self) -> dict[str, str]:
        return {k.decode(): v.decode() for k, v in self.sent[0]["headers"]}


@pytest.fixture
async def bearer() -> str:
    organisation = await in_thread(create_organisation, "acme")
    _, token = await in_thread(create_api_key, system(organisation.pk))
    return f"Bearer {token.reveal()}"


async def test_a_live_route_gets_the_body_and_answers_with_the_request_id(bearer: str):
    caller = Caller(LiveRoute(method="POST", path="echo/{name}/x", handler=echo))
    status, text = await caller.call(
        "/toy/v1/echo/a%2Fb/x", b'{"a":1}', authorization=bearer, x_request_id="mine-1"
    )
    assert status == 200
    assert json.loads(text) == {"got": {"a": 1}, "args": {"name": "a%2Fb"}}
    assert caller.headers["x-request-id"] == "mine-1"


async def test_without_a_key_the_body_is_not_even_read():
    caller = Caller(LiveRoute(method="POST", path="echo", handler=echo))
    status, text = await caller.call("/toy/v1/echo", b"{broken")
    assert (status, json.loads(text)["code"]) == (499, "unauthenticated")


@pytest.mark.parametrize("body", [b"{broken", b"[]", b'{"a": NaN}', b"[" * 100])
async def test_a_body_that_is_no_object_is_refused(bearer: str, body: bytes):
    caller = Caller(LiveRoute(method="POST", path="echo", handler=echo))
    status, text = await caller.call("/toy/v1/echo", body, authorization=bearer)
    assert (status, json.loads(text)["code"]) == (499, "invalid_request")


async def test_errors_are_worded_by_the_surface_and_unexpected_ones_tell_nothing(
    bearer: str, caplog: pytest.LogCaptureFixture
):
    caller = Caller(
        LiveRoute(method="POST", path="fail", handler=fail),
        LiveRoute(method="POST", path="crash", handler=crash),
    )
    assert "not like this" in (await caller.call("/toy/v1/fail", authorization=bearer))[1]
    assert "secret" not in (await caller.call("/toy/v1/crash", authorization=bearer))[1]
    assert "secret details" in caplog.text


async def test_a_wrong_method_and_an_encoded_or_huge_body_are_refused(bearer: str):
    caller = Caller(LiveRoute(method="POST", path="echo", handler=echo))
    for method, headers, code in (
        ("GET", {}, "method_not_allowed"),
        ("POST", {"content_encoding": "gzip"}, "unsupported_media"),
        ("POST", {"content_length": str(gate.MOST_BYTES + 1)}, "too_large"),
        ("POST", {"content_length": "many"}, "invalid_request"),
    ):
        _, text = await caller.call("/toy/v1/echo", b"{}", method, authorization=bearer, **headers)
        assert json.loads(text)["code"] == code


async def test_a_body_that_grows_past_its_limit_is_refused_without_an_announcement(bearer: str):
    caller = Caller()
    _, text = await caller.call("/toy/v1/other", b" " * (gate.LARGE + 1), authorization=bearer)
    assert json.loads(text)["code"] == "too_large"


async def test_what_is_not_live_goes_to_django_with_its_body(bearer: str):
    caller = Caller()
    await caller.call("/toy/v1/other", b'{"a":1}', authorization=bearer)
    assert caller.passed_on == b'{"a":1}'
    await caller.call("/admin/", b"x=1")
    assert caller.passed_on == b"x=1"


async def test_a_body_that_is_too_large_is_read_to_its_end_or_nobody_would_read_the_refusal():
    last = {"type": "http.request", "body": b"x", "more_body": False}
    messages = iter([{**last, "more_body": True}] * 9 + [last])

    async def receive() -> Mapping[str, Any]:
        return next(messages)

    with pytest.raises(TooLarge):
        await gate.read_body(receive, 3)
    assert next(messages, None) is None


async def test_a_large_body_is_refused_outside_the_surfaces_too():
    caller = Caller()
    announced = {"content-length": str(gate.LARGE + 1)}
    for status, _ in (
        await caller.call("/admin/login/", b"x" * (gate.LARGE + 1)),
        await caller.call("/admin/login/", b"", **announced),
    ):
        assert status == 413
    assert caller.passed_on is None
    assert (await caller.call("/admin/login/", **{"content-encoding": "gzip"}))[0] == 400


async def test_a_fifth_large_body_at_once_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gate, "_large_now", gate.MOST_LARGE_AT_ONCE)

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": b" " * (gate.LARGE + 1)}

    with pytest.raises(gate.Overloaded):
        await gate.read_body(receive, gate.MOST_BYTES)
    assert gate._large_now == gate.MOST_LARGE_AT_ONCE


async def test_a_client_that_stalls_in_its_body_is_dropped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gate, "PAUSE_SECONDS", 0.01)

    async def receive() -> Mapping[str, Any]:
        await asyncio.sleep(5)
        raise AssertionError

    with pytest.raises(gate.SlowBody):
        await gate.read_body(receive, 10)


async def test_a_stream_is_sent_block_by_block(bearer: str):
    handler = streaming("data: 1\n\n", "data: 2\n\n")
    caller = Caller(LiveRoute(method="POST", path="stream", handler=handler))
    status, text = await caller.call("/toy/v1/stream", authorization=bearer)
    assert (status, text) == (200, "data: 1\n\ndata: 2\n\n")
    assert caller.headers["content-type"].startswith("text/event-stream")
    assert not caller.sent[-1].get("more_body")


async def test_an_error_before_the_first_block_has_its_own_status(bearer: str):
    caller = Caller(LiveRoute(method="POST", path="stream", handler=streaming(Conflict("no"))))
    assert (await caller.call("/toy/v1/stream", authorization=bearer))[0] == 499


async def test_an_error_in_an_open_stream_is_its_last_block(bearer: str):
    handler = streaming("data: 1\n\n", Conflict("no"))
    caller = Caller(LiveRoute(method="POST", path="stream", handler=handler))
    status, text = await caller.call("/toy/v1/stream", authorization=bearer)
    assert (status, text) == (200, "data: 1\n\ndata: conflict\n\n")


async def test_a_crash_in_an_open_stream_is_told_and_logged(
    bearer: str, caplog: pytest.LogCaptureFixture
):
    handler = streaming("data: 1\n\n", RuntimeError("secret details"))
    caller = Caller(LiveRoute(method="POST", path="stream", handler=handler))
    _, text = await caller.call("/toy/v1/stream", authorization=bearer)
    assert text == "data: 1\n\ndata: error\n\n"
    assert "secret details" in caplog.text


async def test_a_quiet_stream_gets_heartbeats(bearer: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(door_module, "HEARTBEAT_SECONDS", 0.02)
    handler = streaming("data: 1\n\n", "data: 2\n\n", pause=0.1)
    caller = Caller(LiveRoute(method="POST", path="stream", handler=handler))
    _, text = await caller.call("/toy/v1/stream", authorization=bearer)
    assert ": \n\n" in text


async def test_when_the_caller_goes_the_stream_is_closed_at_once(bearer: str):
    closed: list[bool] = []
    handler = streaming("data: 1\n\n", "data: 2\n\n", closed=closed, pause=30)
    caller = Caller(LiveRoute(method="POST", path="stream", handler=handler))
    asyncio.get_running_loop().call_later(0.05, caller.gone.set)
    await asyncio.wait_for(caller.call("/toy/v1/stream", authorization=bearer), 5)
    assert closed == [True]


async def test_an_answer_that_nobody_waits_for_is_given_up(
    bearer: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(leaving, "PATIENCE", 0)
    begun, ended = asyncio.Event(), asyncio.Event()

    async def think(call: LiveCall) -> Answer:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    caller = Caller(LiveRoute(method="POST", path="think", handler=think))
    asking = asyncio.ensure_future(caller.call("/toy/v1/think", authorization=bearer))
    await begun.wait()
    caller.gone.set()
    await asyncio.wait({asking}, timeout=5)
    assert ended.is_set() and caller.sent == []
    asking.exception()


async def test_who_waits_long_is_answered(bearer: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(leaving, "PATIENCE", 0)

    async def think(call: LiveCall) -> Answer:
        await asyncio.sleep(0.02)
        return Answer(body={"thought": True})

    caller = Caller(LiveRoute(method="POST", path="think", handler=think))
    status, text = await caller.call("/toy/v1/think", authorization=bearer)
    assert (status, json.loads(text)) == (200, {"thought": True})
