"""A fake upstream of sound: a real server that gives each path the reply it was told, and keeps
what it was sent."""

from collections.abc import Coroutine
from typing import Any

import multipart
import orjson

from tests.fakes.http import Call, Line
from tests.fakes.provider import FakeProvider


class FakeSound(FakeProvider):
    """`replies` are by path without its query; scripted steps come first, as in `FakeProvider`."""

    def __init__(self) -> None:
        super().__init__()
        self.replies: dict[str, tuple[int, str, bytes]] = {}

    def say(self, path: str, body: Any, kind: str = "audio/mpeg", status: int = 200) -> None:
        """Answer calls to `path` with these bytes, or with this as JSON."""
        if isinstance(body, bytes):
            self.replies[path] = (status, kind, body)
        else:
            self.replies[path] = (status, "application/json", orjson.dumps(body))

    def _answer(self, call: Call, line: Line) -> Coroutine[Any, Any, None] | None:
        reply = self.replies.get(call.path.partition("?")[0])
        if reply is None or self._script:
            return super()._answer(call, line)
        self.calls.append(call)
        status, kind, body = reply
        line.reply(body, status, {"Content-Type": kind})
        return None


def parts_of(call: Call) -> list[tuple[str, str, bytes]]:
    """The form of a call: name, file name (empty for a field) and content of each part."""
    _, options = multipart.parse_options_header(call.headers["content-type"])
    parts: list[tuple[str, str, bytes]] = []
    with multipart.PushMultipartParser(options["boundary"]) as parser:
        for event in parser.parse(call.body):
            if isinstance(event, multipart.MultipartSegment):
                parts.append((event.name or "", event.filename or "", b""))
            elif event:
                name, file, content = parts.pop()
                parts.append((name, file, content + bytes(event)))
    return parts
