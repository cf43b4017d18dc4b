"""JSON, and JSON lines: their values as lines that say what each is called."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from knowledge.reading.articles import find_articles, write_articles
from knowledge.reading.extracts import Extract, Unreadable, Writing
from knowledge.reading.kinds import suffix_of
from knowledge.reading.plain import read_text
from vocabulary.json import Json

# Of the names that lead to a value, the last ones are told.
_NAMES_TOLD: Final = 4


class NotJson(Unreadable):
    """The file is not JSON, though it begins like it."""


def read(path: Path, most: int, media_type: str) -> Extract:
    """One paragraph for each object that holds plain values."""
    values = _values(read_text(path, most, media_type))
    articles = find_articles(values[0] if len(values) == 1 else values)
    if articles is not None:
        return write_articles(articles, most)
    return Writing(most).add_all(_records(values)).extract("json")


def is_declared(name: str, media_type: str) -> bool:
    """Whether a file is called JSON by its name or its type, so that it must be."""
    return suffix_of(name) in {".json", ".jsonl", ".ndjson"} or "json" in media_type.lower()


def _values(text: str) -> list[Json]:
    """The one value of a document, or the values of its lines."""
    try:
        return [json.loads(text)]
    except RecursionError:
        raise Unreadable("is JSON that is nested too deeply") from None
    except ValueError as fault:
        return _lines(text, fault)


def _lines(text: str, fault: ValueError) -> list[Json]:
    """Raises what was wrong with the whole, unless the first line is a value by itself."""
    values: list[Json] = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            if line.strip():
                values.append(json.loads(line))
        except RecursionError:
            raise Unreadable("is JSON that is nested too deeply") from None
        except ValueError as wrong:
            reason = f"line {number}: {wrong}" if values else str(fault)
            raise NotJson(f"is not valid JSON: {reason}") from None
    return values


def _records(values: list[Json]) -> Iterator[str]:
    """Objects and lists in their order, each with its own plain values, without recursion."""
    waiting: list[tuple[tuple[str, ...], Json]] = [((), value) for value in reversed(values)]
    while waiting:
        names, value = waiting.pop()
        inner: list[tuple[tuple[str, ...], Json]] = []
        lines: list[str] = []
        for name, part in _parts(value):
            path = (*names, name)[-_NAMES_TOLD:] if name else names
            if isinstance(part, list | dict):
                inner.append((path, part))
            elif part is not None and part != "":
                lines.append(_line(path, part))
        waiting.extend(reversed(inner))
        if lines:
            yield "\n".join(lines)


def _parts(value: Json) -> Iterator[tuple[str, Json]]:
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list):
        yield from (("", part) for part in value)
    else:
        yield "", value


def _line(names: tuple[str, ...], value: Json) -> str:
    said = value if isinstance(value, str) else json.dumps(value)
    return f"{'.'.join(names)}: {said}" if names else said
