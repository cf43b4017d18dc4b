"""The load: raw keep-alive connections that send one request after the other.

Cheap on purpose, so that the core it shares with the upstream is not what is measured.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice


@dataclass(slots=True)
class Measured:
    """Seconds: `latencies` of whole answers or first chunks, `ages` of chunks when they came."""

    latencies: list[float] = field(default_factory=list)
    ages: list[float] = field(default_factory=list)
    errors: int = 0
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of `values` lie; NaN of nothing."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where the load goes and what it sends."""

    port: int
    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def request(self) -> bytes:
        lines = [f"POST {self.path} HTTP/1.1", "host: 127.0.0.1", "content-type: application/json"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += [f"content-length: {len(self.body)}", "", ""]
        return "\r\n".join(lines).encode() + self.body


async def closed_loop(targets: Sequence[Target], *, connections: int, seconds: float) -> Measured:
    """As many requests as `connections` callers get through in `seconds`, one at a time each."""
    measured = Measured()
    until = time.monotonic() + seconds
    began = time.monotonic()
    dealt = islice(cycle(targets), connections)
    await asyncio.gather(*(_caller(target, until, measured) for target in dealt))
    measured.seconds = time.monotonic() - began
    return measured


async def _caller(target: Target, until: float, measured: Measured) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    request = target.request()
    while time.monotonic() < until:
        began = time.monotonic()
        writer.write(request)
        if await _whole(reader):
            measured.latencies.append(time.monotonic() - began)
        else:
            measured.errors += 1
    writer.close()


async def open_loop(target: Target, *, per_second: float, seconds: float) -> Measured:
    """Requests at a steady pace, whatever the answers do; each on a free connection."""
    measured = Measured()
    free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    began = time.monotonic()
    tasks = []
    for number in range(int(per_second * seconds)):
        await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
        tasks.append(asyncio.ensure_future(_once(target, free, measured)))
    await asyncio.gather(*tasks)
    measured.seconds = time.monotonic() - began
    return measured


async def _once(
    target: Target,
    free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]],
    measured: Measured,
) -> None:
    reader, writer = free.pop() if free else await asyncio.open_connection("127.0.0.1", target.port)
    began = time.monotonic()
    writer.write(target.request())
    if await _whole(reader):
        measured.latencies.append(time.monotonic() - began)
    else:
        measured.errors += 1
    free.append((reader, writer))


async def _whole(reader: asyncio.StreamReader) -> bool:
    """Read one answer; whether it was a 200."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    _, length, rest = head.partition(b"content-length:")
    if length:
        await reader.readexactly(int(rest.split(b"\r\n", 1)[0]))
    else:
        while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    return b" 200 " in head.split(b"\r\n", 1)[0]


async def streams(target: Target, *, count: int, per_second: float) -> Measured:
    """`count` streams, opened one after the other and all open for a while together; each chunk
    tells when it was sent."""
    measured = Measured()
    began = time.monotonic()
    tasks = []
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
        tasks.append(asyncio.ensure_future(_stream(target, measured)))
    await asyncio.gather(*tasks)
    measured.seconds = time.monotonic() - began
    return measured


async def _stream(target: Target, measured: Measured) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    began = time.monotonic()
    writer.write(target.request())
    first = True
    text = b""
    while not text.endswith(b"0\r\n\r\n"):
        piece = await reader.read(65536)
        if not piece:
            break
        text = (text + piece)[-4096:]
        now = time.monotonic()
        for stamp in _stamps(piece):
            measured.ages.append(now - stamp)
            if first:
                measured.latencies.append(now - began)
                first = False
    measured.errors += b"[DONE]" not in text
    writer.close()


def _stamps(piece: bytes) -> list[float]:
    """The times in a piece of SSE, wherever `"content":"…"` stands whole in it."""
    stamps = []
    for part in piece.split(b'"content":')[1:]:
        text = part.lstrip().split(b'"', 2)[1].strip()
        if text:
            stamps.append(float(text))
    return stamps
