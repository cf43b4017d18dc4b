"""A file from somewhere on the web, brought into a temporary file that is gone when it was used.

Whoever uses it may move the file away: it lies where the local storage takes files by renaming.

Every hop goes through the outbound door, so each address is checked anew. Redirects are followed by
hand, a few of them. What is asked carries no credentials, so none can be sent to the wrong place.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit

from common import clock, http
from common.scratch import scratch
from vocabulary.errors import (
    AddressRefused,
    TooLarge,
    UpstreamRefused,
    UpstreamTimedOut,
    UpstreamUnavailable,
)
from wire.http import Deadlines, HttpCall

MOST_REDIRECTS: Final = 3
TOTAL: Final = 60.0  # seconds, for all hops together
BUFFER: Final = 256 * 1024  # bytes that are written at once
LONGEST_URL: Final = 2000
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_ENDLESS: Final = 1 << 62  # bytes; how many there may be is counted here, to say it better


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came: `size` bytes at `path`. Header names are lower case."""

    path: Path
    size: int
    final_url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """As the server said it, with its parameters."""
        return self.headers.get("content-type", "").strip()

    @property
    def media_type(self) -> str:
        """The same without parameters, in lower case; empty where the server did not say."""
        return self.content_type.partition(";")[0].strip().lower()


class RedirectRefused(UpstreamRefused):
    """The server redirects to where this download may not go."""


@asynccontextmanager
async def fetch_file(
    url: str,
    *,
    most: int,
    accept: str = "*/*",
    user_agent: str = "colloquy",
    total: float = TOTAL,
    may_follow: Callable[[str], bool] = lambda url: True,
) -> AsyncIterator[Fetched]:
    """Get `url`, of at most `most` bytes, within `total` seconds.

    Raises `AddressRefused`, `TooLarge`, `UpstreamRefused` (with the status of an answer that is no
    success, or a redirect that `may_follow` does not let pass), `UpstreamTimedOut` and
    `UpstreamUnavailable`.
    """
    headers = {"Accept": accept, "User-Agent": user_agent}
    with scratch() as path:
        try:
            async with asyncio.timeout(total):
                fetched = await _fetch(_Order(url, headers, most, total, may_follow), path)
        except TimeoutError as error:
            raise UpstreamTimedOut(f"{_host(url)} did not answer in time") from error
        yield fetched


@dataclass(frozen=True, slots=True)
class _Order:
    url: str
    headers: Mapping[str, str]
    most: int
    total: float
    may_follow: Callable[[str], bool]


async def _fetch(order: _Order, path: Path) -> Fetched:
    url, deadline = order.url, clock.monotonic() + order.total
    for _ in range(MOST_REDIRECTS + 1):
        call = _call(url, order, deadline)
        async with http.open_stream(call) as reply:
            if reply.status not in _REDIRECTS:
                _check(url, reply, order.most)
                size = await _store(reply.chunks, path, order.most)
                return Fetched(path=path, size=size, final_url=url, headers=reply.headers)
            url = _next(url, reply, order)
    raise UpstreamUnavailable(f"{_host(order.url)} redirects more than {MOST_REDIRECTS} times")


def _call(url: str, order: _Order, deadline: float) -> HttpCall:
    if len(url) > LONGEST_URL:
        raise AddressRefused(f"the URL is longer than {LONGEST_URL} characters")
    left = max(deadline - clock.monotonic(), 0.001)
    return HttpCall(
        method="GET",
        url=url,
        headers=order.headers,
        deadlines=Deadlines(total=left, connect=min(10.0, left), between_bytes=min(30.0, left)),
        max_bytes=_ENDLESS,
    )


def _check(url: str, reply: http.StreamingReply, most: int) -> None:
    if not 200 <= reply.status < 300:
        raise UpstreamRefused(f"{_host(url)} answered {reply.status}", status=reply.status)
    announced = reply.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > most:
        raise _too_large(most)


def _next(url: str, reply: http.StreamingReply, order: _Order) -> str:
    """Where a redirect leads. From https it leads to https alone."""
    location = reply.headers.get("location", "").strip()
    try:
        onward = urljoin(url, location)
        scheme = urlsplit(onward).scheme
    except ValueError as error:
        raise AddressRefused("the address of a redirect cannot be read") from error
    if not location:
        raise UpstreamUnavailable(f"{_host(url)} redirects to nowhere", status=reply.status)
    if scheme == "http" and urlsplit(url).scheme == "https":
        raise RedirectRefused(f"{_host(url)} redirects from https to http", status=reply.status)
    if not order.may_follow(onward):
        raise RedirectRefused(f"{_host(url)} redirects to {_host(onward)}", status=reply.status)
    return onward


async def _store(chunks: AsyncIterator[bytes], path: Path, most: int) -> int:
    """Writes in threads: a disk may be slow, and others wait for this loop."""
    buffer, size = bytearray(), 0
    async for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise _too_large(most)
        buffer += chunk
        if len(buffer) >= BUFFER:
            await asyncio.to_thread(_append, path, bytes(buffer))
            buffer.clear()
    await asyncio.to_thread(_append, path, bytes(buffer))
    return size


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"the file is larger than {most} bytes")


def _host(url: str) -> str:
    """All that messages say of a URL: the rest may hold secrets."""
    try:
        return urlsplit(url).hostname or "the URL"
    except ValueError:
        return "the URL"
