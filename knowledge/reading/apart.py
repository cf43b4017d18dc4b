"""Reading files in processes of their own, which may fail as they like (`common.programs`)."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final, cast

from common.programs import Limits, Program, ProgramFailed, ProgramTimedOut, ProgramTooLarge
from common.serving import Answer
from knowledge.reading.extracts import (
    MOST_CHARACTERS,
    TOO_MUCH_MEMORY,
    Extract,
    Kind,
    Section,
    TooLong,
    Unreadable,
)
from vocabulary.json import Json, JsonObject

PROGRAM: Final = "knowledge.reading.child"
LIMITS: Final = Limits(seconds=60, patience=120, memory=1 << 30)
_REPORT_BYTES: Final = 64_000_000
_BYTES_A_CHARACTER: Final = 4
_ENDS: Final[dict[type[ProgramFailed], str]] = {
    ProgramTimedOut: "took too long to read",
    ProgramTooLarge: TOO_MUCH_MEMORY,
    ProgramFailed: "broke the program that reads it",
}
AT_ONCE: Final = max(1, min(4, os.cpu_count() or 1))
"""Programs of this process; other files wait."""
_threads: Final = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="reading")


async def extract_apart(
    path: Path,
    *,
    name: str,
    media_type: str = "",
    most: int = MOST_CHARACTERS,
    limits: Limits = LIMITS,
) -> Extract:
    """`extraction.extract` in a process of its own. Raises `Unreadable`, whatever the file does."""
    order: JsonObject = {
        "path": str(path.resolve()),
        "name": name,
        "media_type": media_type,
        "most": most,
    }
    program = Program(PROGRAM, replace(limits, answer=most * _BYTES_A_CHARACTER + _REPORT_BYTES))
    with program.wanted():
        return await asyncio.get_running_loop().run_in_executor(_threads, _read, program, order)


def _read(program: Program, order: JsonObject) -> Extract:
    try:
        return _parse(program.run(order))
    except ProgramFailed as failure:
        raise Unreadable(_ENDS[type(failure)]) from None


def _parse(answer: Answer) -> Extract:
    report = answer.report
    if "unreadable" in report:
        raise (TooLong if report["too_long"] else Unreadable)(str(report["unreadable"]))
    sections = report["sections"]
    assert isinstance(sections, list)
    return Extract(
        text=answer.data.decode(),
        kind=cast("Kind", report["kind"]),
        title=str(report["title"]),
        sections=tuple(map(_section, sections)),
    )


def _section(told: Json) -> Section:
    start, end, heading, url = cast("tuple[int, int, str, str]", told)
    return Section(start=start, end=end, heading=heading, url=url)
