"""What a site asks of robots: its `robots.txt`, read as RFC 9309 says, and kept for a while.

Where there is none, all may be fetched; where the server fails to say, nothing may.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from protego import Protego

from common import clock
from common.downloads import fetch_file
from knowledge.crawling.addresses import origin
from vocabulary.errors import DomainError, UpstreamRefused

MOST_BYTES: Final = 1024 * 1024
READ_BYTES: Final = 512 * 1024  # what stands further behind counts for nothing
SECONDS: Final = 15.0  # to wait for an answer
LONGEST_DELAY: Final = 10.0  # seconds; who asks for more gets this
KEPT: Final = 3600.0  # seconds
_MOST_KEPT: Final = 256


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one origin for us. Without `rules`, `refusal` says why nothing is allowed."""

    rules: Protego | None = None
    refusal: str = ""
    user_agent: str = ""

    def why_not(self, url: str) -> str:
        """Why `url` may not be fetched; empty if it may."""
        if self.rules is None:
            return self.refusal
        if self.rules.can_fetch(url, self.user_agent):
            return ""
        return "robots.txt does not allow it"

    @property
    def delay(self) -> float:
        """Seconds that it asks for between requests, within reason."""
        asked = self.rules.crawl_delay(self.user_agent) if self.rules else None
        return min(asked or 0.0, LONGEST_DELAY)


_known: OrderedDict[tuple[str, str], tuple[float, Robots]] = OrderedDict()


async def get_robots(url: str, user_agent: str) -> Robots:
    """The rules for the origin of `url`, asked for at most once in an hour."""
    key = origin(url), user_agent
    if key in _known and _known[key][0] > clock.monotonic():
        return _known[key][1]
    robots = await _ask(key[0], user_agent)
    _known[key] = clock.monotonic() + KEPT, robots
    _known.move_to_end(key)
    while len(_known) > _MOST_KEPT:
        _known.popitem(last=False)
    return robots


def forget() -> None:
    """As if no site had been asked yet."""
    _known.clear()


def parse(text: str, user_agent: str) -> Robots:
    return Robots(rules=Protego.parse(text), user_agent=user_agent)


async def _ask(place: str, user_agent: str) -> Robots:
    try:
        async with fetch_file(
            f"{place}/robots.txt", most=MOST_BYTES, user_agent=user_agent, total=SECONDS
        ) as file:
            text = await asyncio.to_thread(_read, file.path)
            return await asyncio.to_thread(parse, text, user_agent)
    except UpstreamRefused as error:
        if error.status is not None and 400 <= error.status < 500:
            return parse("", user_agent)
        return Robots(refusal=f"robots.txt cannot be read: {error.message}")
    except DomainError as error:
        return Robots(refusal=f"robots.txt cannot be read: {error.message}")


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(READ_BYTES).decode(errors="replace").removeprefix("\ufeff")
