"""What is refused before anybody reads it: bodies too large, too slow, encoded or too many.

Stands outermost, for both doors. Without it Django would spool a body of any size before it asks
for a key.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Container, Mapping
from contextlib import suppress
from typing import Any, Final

from vocabulary.errors import DomainError, InvalidRequest, Overloaded, TooLarge, UnsupportedMedia

type Receive = Callable[[], Awaitable[Mapping[str, Any]]]

LARGE: Final = 1024 * 1024
MOST_BYTES: Final = 26 * 1024 * 1024
MOST_LARGE_AT_ONCE: Final = 4
PAUSE_SECONDS: Final = 15.0
TOTAL_SECONDS: Final = 120.0
LEAST_RATE: Final = 4096
"""Bytes a second that a streamed body must come with, once it was waited for `TOTAL_SECONDS`."""
_large_now = 0


class SlowBody(InvalidRequest):
    """The body came too slowly."""

    code = "request_timeout"


def check_headers(
    headers: Mapping[str, str], limit: int, encodings: Container[str] = ("identity", "")
) -> None:
    """Refuse by what is announced. Names are lower case."""
    if headers.get("content-encoding", "identity") not in encodings:
        raise UnsupportedMedia("encoded request bodies are not taken")
    announced = headers.get("content-length", "0")
    if not announced.isdecimal():
        raise InvalidRequest("", "content-length is not a number")
    if int(announced) > limit:
        raise TooLarge(f"the body is larger than {limit} bytes")


async def read_body(receive: Receive, limit: int) -> bytes:
    """The whole body, within `limit` bytes and in reasonable time.

    At most four bodies over 1 MB are held at once in a process; one more is `Overloaded`.
    """
    pieces: list[bytes] = []
    size = 0
    turnstile = _Turnstile()
    now = asyncio.get_running_loop().time
    end = now() + TOTAL_SECONDS
    try:
        async with asyncio.timeout(PAUSE_SECONDS) as pause:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Disconnected
                piece = message.get("body", b"")
                size += len(piece)
                if size > limit:
                    pieces.clear()
                    await _discard_rest(receive, message)
                    raise TooLarge(f"the body is larger than {limit} bytes")
                turnstile.pass_at(size)
                pieces.append(piece)
                if not message.get("more_body"):
                    return b"".join(pieces)
                pause.reschedule(min(now() + PAUSE_SECONDS, end))
    except TimeoutError:
        raise SlowBody("", "the body came too slowly") from None
    finally:
        turnstile.leave()


async def stream_body(receive: Receive, limit: int) -> AsyncGenerator[bytes]:
    """The body piece by piece as it comes, for those who do not hold it: no turnstile.

    Raises `TooLarge` beyond `limit` bytes, `SlowBody` after a pause or for a body that drips,
    `Disconnected`. Only the time counts in which the caller is waited for.
    """
    size = 0
    waited = 0.0
    more = True
    now = asyncio.get_running_loop().time
    while more:
        began = now()
        try:
            async with asyncio.timeout(
                min(PAUSE_SECONDS, TOTAL_SECONDS + size / LEAST_RATE - waited)
            ):
                message = await receive()
        except TimeoutError:
            raise SlowBody("", "the body came too slowly") from None
        waited += now() - began
        if message["type"] == "http.disconnect":
            raise Disconnected
        piece = message.get("body", b"")
        size += len(piece)
        more = message.get("more_body", False)
        if size > limit:
            await _discard_rest(receive, message)
            raise TooLarge(f"the body is larger than {limit} bytes")
        if piece:
            yield piece


async def _discard_rest(receive: Receive, message: Mapping[str, Any]) -> None:
    """Read on after `message`, within measure: the connection is cut under a caller who is still
    writing, and the refusal is never read."""
    left = MOST_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(PAUSE_SECONDS):
            while message.get("more_body") and left > 0:
                message = await receive()
                left -= len(message.get("body", b""))


class Disconnected(DomainError):
    """The client went away before the whole request was here."""

    code = "disconnected"


class _Turnstile:
    """Counts this body among the large ones from its first byte over 1 MB on."""

    def __init__(self) -> None:
        self.inside = False

    def pass_at(self, size: int) -> None:
        global _large_now
        if self.inside or size <= LARGE:
            return
        if _large_now >= MOST_LARGE_AT_ONCE:
            raise Overloaded("too many large requests at once", retry_after=2)
        _large_now += 1
        self.inside = True

    def leave(self) -> None:
        global _large_now
        if self.inside:
            _large_now -= 1
            self.inside = False
