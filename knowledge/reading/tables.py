"""CSV: each row as a paragraph of `header: value` lines, so that each piece tells what it means."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Final

from knowledge.reading.extracts import Extract, Unreadable, Writing
from knowledge.reading.plain import read_text

_DELIMITERS: Final = ",;\t|"
_SAMPLE: Final = 16 * 1024
_ROWS_LOOKED_AT: Final = 20
_NUMBER: Final = re.compile(r"\s*[-+]?[\d.,]*\d\s*%?\s*")


def read(path: Path, most: int, media_type: str) -> Extract:
    """The first row names the columns, unless a cell of it is a number."""
    text = read_text(path, most, media_type)
    csv.field_size_limit(most)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_find_delimiter(text))
    try:
        return Writing(most).add_all(_records(rows)).extract("csv")
    except csv.Error as fault:
        raise Unreadable(f"is not readable CSV: {fault}") from None


def _records(rows: Iterator[list[str]]) -> Iterator[str]:
    first = next((row for row in rows if any(cell.strip() for cell in row)), [])
    is_header = not any(_NUMBER.fullmatch(cell) for cell in first)
    names = [cell.strip() for cell in first] if is_header else []
    row = None
    for row in rows if is_header else chain([first], rows):
        yield "\n".join(
            f"{_name(names, place)}: {cell.strip()}"
            for place, cell in enumerate(row)
            if cell.strip()
        )
    if row is None:
        yield "\n".join(names)


def _name(names: list[str], place: int) -> str:
    return (names[place] if place < len(names) else "") or f"column {place + 1}"


def _find_delimiter(text: str) -> str:
    """The one that cuts the first rows into most columns, the same number in each."""
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        sample = sample.rpartition("\n")[0] or sample
    return max(_DELIMITERS, key=lambda delimiter: _columns(sample, delimiter))


def _columns(sample: str, delimiter: str) -> tuple[int, int]:
    """Columns where all rows agree; else what most of it is cut into, which counts for less."""
    rows = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        counts = [len(row) for row in islice(rows, _ROWS_LOOKED_AT) if row]
    except csv.Error:
        return 0, 0
    agreed = len(set(counts)) == 1 and counts[0] > 1
    return (counts[0] if agreed else 0), min(counts, default=0)
