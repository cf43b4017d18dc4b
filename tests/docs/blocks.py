"""The code blocks of our pages, in order, with the reason where one is not meant to be run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.journeys.live import ROOT

PAGES: Final = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
NOT_RUN: Final = re.compile(r"<!-- not run: (.+) -->")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """`line` is that of its first line of code, counted from 1."""

    page: Path
    line: int
    language: str
    code: str
    not_run: str = ""

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def find_blocks(page: Path, language: str) -> list[Block]:
    return [block for block in _read_blocks(page) if block.language == language]


def _read_blocks(page: Path) -> Iterator[Block]:
    lines = page.read_text().splitlines()
    start: int | None = None
    for number, line in enumerate(lines):
        if not line.startswith("```"):
            continue
        if start is None:
            start = number
            continue
        reason = NOT_RUN.fullmatch(lines[start - 1]) if start else None
        yield Block(
            page=page,
            line=start + 2,
            language=lines[start].removeprefix("```"),
            code="\n".join(lines[start + 1 : number]),
            not_run=reason[1] if reason else "",
        )
        start = None
