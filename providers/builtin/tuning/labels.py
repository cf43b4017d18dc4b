"""The labelled texts of a training file, and whether a classifier can be trained on them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vocabulary.errors import InvalidRequest
from wire.training_files import Example, material, read_examples, read_lines

LEAST_LABELS: Final = 2
MOST_LABELS: Final = 50
LEAST_EACH: Final = 2
MAX_LABEL: Final = 200  # characters
MAX_ROWS: Final = 20_000
MAX_CHARACTERS: Final = 5_000_000
"""Of all texts: a core reads about 20,000 a second."""
NOT_LABELS: Final = "builtin trains classifiers only: the answers must be a small set of labels"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """`wanted[i]` is the place in `labels` (sorted) of the answer to `texts[i]`."""

    texts: tuple[str, ...]
    wanted: tuple[int, ...]
    labels: tuple[str, ...]


def read_labelled(path: Path, field: str = "training_file") -> Labelled:
    """Raises `InvalidRequest` at `field` for what no classifier can be trained on."""
    with path.open("rb") as file:
        return gather(read_examples(read_lines(file), field), field)


def gather(examples: Iterable[Example], field: str = "training_file") -> Labelled:
    texts: list[str] = []
    answers: list[str] = []
    characters = 0
    for example in examples:
        texts.append(material(example.turns))
        answers.append(example.answer)
        characters += len(texts[-1])
        _check_size(example, len(texts), characters, field)
    labels = tuple(sorted(set(answers)))
    _check_labels(labels, answers, field)
    places = {label: place for place, label in enumerate(labels)}
    return Labelled(
        texts=tuple(texts), wanted=tuple(places[answer] for answer in answers), labels=labels
    )


def _check_size(example: Example, rows: int, characters: int, field: str) -> None:
    if len(example.answer) > MAX_LABEL:
        raise InvalidRequest(field, f"line {example.number}: {NOT_LABELS}; this one is too long")
    if rows > MAX_ROWS:
        raise InvalidRequest(field, f"has more than {MAX_ROWS} examples, which builtin reads")
    if characters > MAX_CHARACTERS:
        raise InvalidRequest(field, f"has more than {MAX_CHARACTERS} characters of text")


def _check_labels(labels: tuple[str, ...], answers: list[str], field: str) -> None:
    if not LEAST_LABELS <= len(labels) <= MOST_LABELS:
        told = f"{NOT_LABELS}, {LEAST_LABELS} to {MOST_LABELS}; these have {len(labels)}"
        raise InvalidRequest(field, told)
    rare = [label for label, count in Counter(answers).items() if count < LEAST_EACH]
    if rare:
        told = f"{NOT_LABELS}; '{min(rare)}' has fewer than {LEAST_EACH} examples"
        raise InvalidRequest(field, told)
