"""Reading files in processes of their own, which may fail as they like.

A process gets the file's place and nothing else: no settings, no keys, no database. It is killed
when it takes too long, and ends by itself when it needs too much memory.
"""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

from knowledge.reading.extracts import (
    MOST_CHARACTERS,
    Extract,
    Section,
    TooLong,
    Unreadable,
)

_ROOT: Final = Path(__file__).resolve().parents[2]
_TOO_LONG: Final = "took too long to read"
_BROKEN: Final = "broke the program that reads it"
_ENDS: Final[dict[int, str]] = {
    -signal.SIGXCPU: _TOO_LONG,
    -signal.SIGKILL: "needs too much memory to be read",
}
_HEADER_BYTES: Final = 64_000_000
_BYTES_A_CHARACTER: Final = 4
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one process. `memory` is bytes of address space; `seconds` are of a processor, `patience`
    is in seconds by the clock."""

    memory: int = 1 << 30
    seconds: int = 60
    patience: float = 120


LIMITS: Final = Limits()
AT_ONCE: Final = max(1, min(4, os.cpu_count() or 1))
"""Processes of one event loop; the others wait."""
_places: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def extract_apart(
    path: Path,
    *,
    name: str,
    media_type: str = "",
    most: int = MOST_CHARACTERS,
    limits: Limits = LIMITS,
) -> Extract:
    """`extraction.extract` in a process of its own. Raises `Unreadable`, whatever the file does."""
    order = {
        "path": str(path.resolve()),
        "name": name,
        "media_type": media_type,
        "most": most,
        "memory": limits.memory,
        "seconds": limits.seconds,
    }
    async with _place(), _process() as process:
        try:
            async with asyncio.timeout(limits.patience):
                said = await _converse(process, json.dumps(order).encode(), most)
                code = await process.wait()
        except TimeoutError:
            raise Unreadable(_TOO_LONG) from None
    return await asyncio.to_thread(_read_answer, said, code)


def _place() -> asyncio.Semaphore:
    return _places.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE))


@asynccontextmanager
async def _process() -> AsyncGenerator[Process]:
    """A reader that is gone when this is left, whether it is done or not."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-s",
        "-m",
        "knowledge.reading.child",
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        cwd=_ROOT,
        env={"PYTHONUTF8": "1"},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _converse(process: Process, order: bytes, most: int) -> bytes:
    """All that it says, unless that is more than it may."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(order)
    process.stdin.close()
    blocks, room = [], most * _BYTES_A_CHARACTER + _HEADER_BYTES
    while block := await process.stdout.read(_BLOCK):
        blocks.append(block)
        room -= len(block)
        if room < 0:
            raise Unreadable(_BROKEN)
    return b"".join(blocks)


def _read_answer(said: bytes, code: int) -> Extract:
    header, _, text = said.partition(b"\n")
    if code != 0 or not header:
        raise Unreadable(_ENDS.get(code, _BROKEN))
    answer = json.loads(header)
    if "unreadable" in answer:
        raise (TooLong if answer["too_long"] else Unreadable)(answer["unreadable"])
    return Extract(
        text=text.decode(),
        kind=answer["kind"],
        title=answer["title"],
        sections=tuple(Section(**section) for section in answer["sections"]),
    )
