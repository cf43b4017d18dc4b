"""Server-sent events, both directions: bytes to events as they arrive, and an event to text."""

from collections.abc import Iterator
from dataclasses import dataclass

DONE = "data: [DONE]\n\n"
HEARTBEAT = ": \n\n"
"""A comment, which readers skip."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event with data. `name` is empty where the stream does not name its events."""

    data: str
    name: str = ""


class Decoder:
    """Reads a stream cut anywhere: in an event, a line, a line end or a character.

    Line ends are LF, CRLF or CR. Comments, ids, retry times and events without data are left out.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._data: list[str] = []
        self._name = ""

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """The events that `chunk` completes."""
        if b"\n" not in chunk and b"\r" not in chunk:
            self._pieces.append(chunk)
            return
        for line in self._split(b"".join([*self._pieces, chunk])):
            yield from self._read(line)

    def close(self) -> Iterator[Event]:
        """The last event, if the stream ended without the empty line behind it."""
        for line in (*self._split(b"".join([*self._pieces, b"\n"])), b""):
            yield from self._read(line)

    def _split(self, text: bytes) -> list[bytes]:
        """Whole lines; the rest waits. So does a final CR, which may be half of a CRLF."""
        held = b""
        if b"\r" in text:
            if text.endswith(b"\r"):
                text, held = text[:-1], b"\r"
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = text.split(b"\n")
        self._pieces = [rest + held]
        return lines

    def _read(self, line: bytes) -> Iterator[Event]:
        if not line:
            if self._data:
                yield Event("\n".join(self._data), self._name)
            self._data, self._name = [], ""
            return
        field, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        match field.removeprefix("\ufeff"):
            case "data":
                self._data.append(value)
            case "event":
                self._name = value


def encode(data: str) -> str:
    """One event; `data` is one line, as JSON without blanks is."""
    return f"data: {data}\n\n"
