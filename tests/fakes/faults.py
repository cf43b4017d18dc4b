"""What the fake provider can be told to do with a call: answers and every way to fail.

Each step is a dataclass, so that a script can also be sent to a running provider as JSON:
`[{"kind": "Status", "code": 429, "retry_after": 2}]`.
"""

import asyncio
import zlib
from dataclasses import dataclass
from typing import Any, Protocol

from tests.fakes.answers import Answer, spell_chat, spell_chunks
from tests.fakes.http import Call, Line


class Step(Protocol):
    async def play(self, call: Call, line: Line) -> None: ...


@dataclass(frozen=True)
class Say:
    """Answer with this text, `after` seconds, in `pieces` with `pause` seconds between."""

    text: str = ""
    finish: str = "stop"
    after: float = 0.0
    pieces: int = 4
    pause: float = 0.0

    async def play(self, call: Call, line: Line) -> None:
        answer = Answer(self.text, finish=self.finish)
        await play_answer(answer, call, line, self.after, self.pieces, self.pause)


@dataclass(frozen=True)
class CallTool:
    name: str
    arguments: str = "{}"

    async def play(self, call: Call, line: Line) -> None:
        answer = Answer(calls=((self.name, self.arguments),), finish="tool_calls")
        await play_answer(answer, call, line)


@dataclass(frozen=True)
class Json:
    """Answer with exactly this body."""

    body: Any
    status: int = 200

    async def play(self, call: Call, line: Line) -> None:
        line.reply_json(self.body, self.status)


@dataclass(frozen=True)
class Events:
    """Answer with exactly these bytes as an event stream, ended properly."""

    text: str

    async def play(self, call: Call, line: Line) -> None:
        line.start_stream()
        line.send(self.text.encode())
        line.end_stream()


@dataclass(frozen=True)
class Status:
    code: int
    message: str = "scripted failure"
    retry_after: float | str | None = None

    async def play(self, call: Call, line: Line) -> None:
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        error = {"message": self.message, "type": "scripted", "param": None, "code": None}
        line.reply_json({"error": error}, self.code, headers)


@dataclass(frozen=True)
class Hang:
    """Take the request and say nothing."""

    seconds: float = 3600.0

    async def play(self, call: Call, line: Line) -> None:
        await asyncio.sleep(self.seconds)


@dataclass(frozen=True)
class Drip:
    """A good answer, one byte every `pause` seconds: no single wait is long."""

    text: str = "drip"
    pause: float = 0.05

    async def play(self, call: Call, line: Line) -> None:
        line.start_stream("text/event-stream" if call.streams else "application/json")
        whole = spell_chat(Answer(self.text), call.json)
        body = b"".join(spell_chunks(Answer(self.text), call.json, 4)) if call.streams else whole
        for byte in body:
            line.send(bytes((byte,)))
            await asyncio.sleep(self.pause)
        line.end_stream()


@dataclass(frozen=True)
class Reset:
    """Cut the connection (RST) after `events` of a stream, or half of a whole answer."""

    events: int = 2

    async def play(self, call: Call, line: Line) -> None:
        await play_beginning(call, line, self.events)
        line.reset()


@dataclass(frozen=True)
class Truncate:
    """End the reply in good order after `events`, with neither finish reason nor `[DONE]`."""

    events: int = 2

    async def play(self, call: Call, line: Line) -> None:
        await play_beginning(call, line, self.events)
        line.end_stream()


@dataclass(frozen=True)
class Malformed:
    """Status 200 and no JSON."""

    async def play(self, call: Call, line: Line) -> None:
        if call.streams:
            await Events('data: {"id": nonsense\n\n').play(call, line)
        else:
            line.reply(b'{"id": nonsense')


@dataclass(frozen=True)
class Compressed:
    """A good answer, encoded although nobody asked for it."""

    async def play(self, call: Call, line: Line) -> None:
        body = zlib.compress(spell_chat(Answer("squeezed"), call.json))
        line.reply(body, headers={"Content-Encoding": "deflate"})


@dataclass(frozen=True)
class Oversized:
    """An answer of about `size` bytes."""

    size: int = 20 * 1024 * 1024

    async def play(self, call: Call, line: Line) -> None:
        await play_answer(Answer("x" * self.size), call, line, pieces=8)


@dataclass(frozen=True)
class NoChoices:
    """A well-formed answer that says nothing."""

    async def play(self, call: Call, line: Line) -> None:
        if call.streams:
            await Events('data: {"id":"c","choices":[]}\n\ndata: [DONE]\n\n').play(call, line)
        else:
            line.reply_json({"id": "c", "object": "chat.completion", "choices": []})


@dataclass(frozen=True)
class StreamError:
    """An error told inside the stream, after a first word."""

    message: str = "the model crashed"

    async def play(self, call: Call, line: Line) -> None:
        line.start_stream()
        line.send(next(iter(spell_chunks(Answer("x"), call.json, 1))))
        line.send(b'data: {"error":{"message":"%b"}}\n\n' % self.message.encode())
        line.end_stream()


KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        Say, CallTool, Json, Events, Status, Hang, Drip, Reset, Truncate, Malformed, Compressed,
        Oversized, NoChoices, StreamError,
    )
}  # fmt: skip


def read_script(steps: list[dict[str, Any]]) -> list[Step]:
    return [KINDS[step.pop("kind")](**step) for step in steps]


async def play_answer(
    answer: Answer, call: Call, line: Line, after: float = 0, pieces: int = 4, pause: float = 0
) -> None:
    if after:
        await asyncio.sleep(after)
    if not call.streams:
        line.reply(spell_chat(answer, call.json))
        return
    line.start_stream()
    for event in spell_chunks(answer, call.json, pieces):
        line.send(event)
        if pause:
            await asyncio.sleep(pause)
    line.end_stream()


async def play_beginning(call: Call, line: Line, events: int) -> None:
    """The first part of a good answer, truly sent before what comes next."""
    if call.streams:
        line.start_stream()
        for event in list(spell_chunks(Answer("cut short"), call.json, 8))[:events]:
            line.send(event)
    else:
        line.start_stream("application/json")
        whole = spell_chat(Answer("cut short"), call.json)
        line.send(whole[: len(whole) // 2])
    await asyncio.sleep(0.05)
