"""How often the extractive engine is right, field by field, on labelled conversations.

    python benchmarks/insight_accuracy.py tests/data/insight_heldout.jsonl [--show-misses]

Each line of the file is `{"id", "messages": [{"role", "content"}], "templates": [{"name",
"instructions", "json_schema", "expected"}]}`. A text of a summary is expected as `{"mentions":
[[phrase, …], …]}`: the share of groups of which one phrase is present. A list is expected as
`{"covers": [phrase, …]}`: the share of phrases half of whose word stems stand in one item.
"""

import argparse
import json
import os
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TypedDict, cast

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from common.schemas import faults
from providers.builtin.engine.extract import extract
from providers.builtin.engine.find import stems
from providers.builtin.engine.sense import Keywords, Sense, best_sense
from vocabulary.json import Json, JsonObject
from wire.extraction import Extraction, Line

TITLES = re.compile(r"\b(?:mr|mrs|ms|miss|dr)\b\.?\s*", re.I)
NAMES = re.compile(r"name")
PLAIN = re.compile(r"phone|order_id|reference|number|_id")
# Fields for which "what is most frequent in this very file" is an answer.
CATEGORICAL = (str, bool, int)


class Template(TypedDict):
    instructions: str
    json_schema: JsonObject
    expected: dict[str, Json]


class Score(NamedTuple):
    field: str
    points: float
    expected: Json
    value: Json
    conversation: str


def score(field: str, expected: Json, value: Json) -> float:
    """Points between 0 and 1."""
    if isinstance(expected, dict) and "mentions" in expected:
        return _mentions(expected["mentions"], str(value or ""))
    if isinstance(expected, dict) and "covers" in expected:
        return _covers(expected["covers"], value if isinstance(value, list) else [])
    return float(normal(field, expected) == normal(field, value))


def normal(field: str, value: Json) -> Json:
    """Names without titles; ids and phones without punctuation; no matter the case."""
    if not isinstance(value, str):
        return value
    text = value.lower().strip()
    if NAMES.search(field):
        return " ".join(TITLES.sub("", text).split())
    return re.sub(r"[\W_]", "", text) if PLAIN.search(field) else text


def _mentions(groups: list[list[str]], text: str) -> float:
    present = [any(phrase.lower() in text.lower() for phrase in group) for group in groups]
    return sum(present) / len(present)


def _near(expected: Json, value: Json) -> float:
    are_numbers = isinstance(expected, int) and isinstance(value, int)
    return float(are_numbers and abs(cast("int", expected) - cast("int", value)) <= 1)


def _covers(phrases: list[str], items: list[Json]) -> float:
    wanted = [set(stems(phrase)) for phrase in phrases]
    said = [set(stems(str(item))) for item in items]
    hit = [any(len(want & have) * 2 >= len(want) for have in said) for want in wanted]
    return sum(hit) / len(hit)


def run(path: Path, sense: Sense) -> Iterator[Score]:
    for line in path.read_text().splitlines():
        conversation = json.loads(line)
        lines = tuple(
            Line(index=index, role=m["role"], name="", text=m["content"])
            for index, m in enumerate(conversation["messages"])
        )
        for template in conversation["templates"]:
            yield from _run_template(conversation["id"], lines, template, sense)


def _run_template(
    name: str, lines: tuple[Line, ...], template: Template, sense: Sense
) -> Iterator[Score]:
    schema = template["json_schema"]
    extraction = Extraction(instructions=template["instructions"], lines=lines, schema=schema)
    value = cast("dict[str, Json]", extract(extraction, sense).value)
    yield Score("schema-valid", float(not faults(value, schema)), None, value, name)
    for field, expected in template["expected"].items():
        yield Score(field, score(field, expected, value[field]), expected, value[field], name)
        if field == "csat":
            yield Score(
                "csat within 1", _near(expected, value[field]), expected, value[field], name
            )


def most_frequent(scores: Iterable[Score]) -> float | None:
    """What always answering the commonest label of this file would score."""
    labels = [s.expected for s in scores]
    if not all(isinstance(label, CATEGORICAL) for label in labels):
        return None
    if len(set(labels)) > max(8, len(labels) // 2):
        return None
    return Counter(labels).most_common(1)[0][1] / len(labels)


def table(columns: dict[str, list[Score]]) -> Iterator[str]:
    by_field = {name: _grouped(scores) for name, scores in columns.items()}
    first = next(iter(by_field.values()))
    yield f"| field | n | most frequent | {' | '.join(columns)} |"
    yield "|---|--:|--:|" + "--:|" * len(columns)
    for field, scores in first.items():
        base = most_frequent(scores)
        cells = [f"{_mean(groups[field]):.2f}" for groups in by_field.values()]
        shown = "–" if base is None or field.startswith(("schema", "csat w")) else f"{base:.2f}"
        yield f"| {field} | {len(scores)} | {shown} | {' | '.join(cells)} |"


def _grouped(scores: Iterable[Score]) -> dict[str, list[Score]]:
    groups: dict[str, list[Score]] = defaultdict(list)
    for one in scores:
        groups[one.field].append(one)
    return groups


def _mean(scores: list[Score]) -> float:
    return sum(s.points for s in scores) / len(scores)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--show-misses", action="store_true")
    options = parser.parse_args()
    senses: dict[str, Sense] = {"patterns": Keywords()}
    if best_sense().is_trained:
        senses["patterns + MiniLM"] = best_sense()
    columns = {}
    for name, sense in senses.items():
        began = time.perf_counter()
        columns[name] = list(run(options.file, sense))
        took = time.perf_counter() - began
        count = len({s.conversation for s in columns[name]})
        print(f"{name}: {1000 * took / count:.0f} ms a conversation, all its templates")
    print(*table(columns), sep="\n")
    for name, scores in columns.items() if options.show_misses else ():
        for miss in (s for s in scores if s.points < 1):
            print(f"{name}: {miss.conversation} {miss.field}: {miss.expected!r} != {miss.value!r}")


if __name__ == "__main__":
    main()
