"""Which examples are held back to measure by: about one in five of each label, by their words."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from providers.builtin.tuning.labels import Labelled

EVERY: Final = 5
"""One in so many distinct texts of a label is held back; of fewer, none."""


def hold_back(given: Labelled) -> frozenset[int]:
    """The rows that are held back. Neither their order in the file nor chance plays a part, and
    the same text never stands on both sides."""
    texts: dict[int, set[str]] = defaultdict(set)
    for text, label in zip(given.texts, given.wanted, strict=True):
        texts[label].add(text)
    held = {text for label in texts for text in _chosen(texts[label])}
    rows = frozenset(row for row, text in enumerate(given.texts) if text in held)
    left = {label for row, label in enumerate(given.wanted) if row not in rows}
    return rows if len(left) == len(given.labels) else frozenset()


def _chosen(texts: set[str]) -> Iterator[str]:
    ordered = sorted(texts, key=lambda text: hashlib.sha256(text.encode()).digest())
    yield from ordered[: len(ordered) // EVERY]
