"""A small HTTP/1.1 server for fakes: fast, and able to misbehave as no decent server would."""

import asyncio
import socket
import struct
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any

import httptools
import orjson

REASONS = {status.value: status.phrase.encode() for status in HTTPStatus}


@dataclass
class Call:
    """A request as it came in; header names are lower case."""

    method: str = ""
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @cached_property
    def json(self) -> Any:
        return orjson.loads(self.body) if self.body else {}

    @property
    def streams(self) -> bool:
        return self.json.get("stream") is True


class Line(asyncio.Protocol):
    """One connection: reads calls, and writes what the server makes of them."""

    def __init__(self, answer: "Callable[[Call, Line], Coroutine[Any, Any, None] | None]") -> None:
        self._answer = answer
        self._parser = httptools.HttpRequestParser(self)
        self._tasks: set[asyncio.Task[None]] = set()
        self._call = Call()

    # -- reading --------------------------------------------------------------------------------
    def connection_made(self, transport: Any) -> None:
        self._transport: asyncio.Transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        for task in self._tasks:
            task.cancel()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._call = Call()

    def on_url(self, url: bytes) -> None:
        self._call.path += url.decode()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._call.headers[name.decode().lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._call.body += body

    def on_message_complete(self) -> None:
        self._call.method = self._parser.get_method().decode()
        work = self._answer(self._call, self)
        if work is not None:
            task = asyncio.ensure_future(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    # -- writing --------------------------------------------------------------------------------
    def reply(self, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
        head = _spell_head(status, {"Content-Type": "application/json"} | (headers or {}))
        self._write(b"%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body))

    def reply_json(
        self, body: Any, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        self.reply(orjson.dumps(body), status, headers)

    def start_stream(self, content_type: str = "text/event-stream") -> None:
        head = _spell_head(200, {"Content-Type": content_type, "Transfer-Encoding": "chunked"})
        self._write(head + b"\r\n")

    def send(self, data: bytes) -> None:
        self._write(b"%x\r\n%b\r\n" % (len(data), data))

    def end_stream(self) -> None:
        self._write(b"0\r\n\r\n")

    def reset(self) -> None:
        """Cut the connection so that the other side sees a reset, not an end."""
        linger = struct.pack("ii", 1, 0)
        self._transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, linger
        )
        self._transport.abort()

    def _write(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)


def _spell_head(status: int, headers: dict[str, str]) -> bytes:
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    return b"HTTP/1.1 %d %b\r\n%b" % (status, REASONS.get(status, b"Scripted"), lines.encode())
