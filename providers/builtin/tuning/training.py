"""A training from file to head. Texts are read in batches in the builtin models' own threads.

The head is first trained without the held-back examples, which says how right it is with what it
has not seen; then once more, for as many epochs, with all of them: that one is kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common import clock
from providers.builtin import minilm
from providers.builtin.threads import LANE
from providers.builtin.tokens import encode
from providers.builtin.tuning.heads import STEPS, Epoch, Head, Places, fit, score
from providers.builtin.tuning.labels import Labelled, read_labelled
from providers.builtin.tuning.splits import hold_back
from providers.builtin.weights import Array
from vocabulary.finetuning import TuningEvent
from vocabulary.json import JsonObject

BATCH_CHARACTERS = 8_000
"""What others wait for between two batches: about half a second."""
DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """`tokens` are those of all texts, once for each epoch, as other providers count them."""

    head: Head
    tokens: int
    events: tuple[TuningEvent, ...]
    metrics: JsonObject


async def train(path: Path, validation: Path | None, epochs: int) -> Trained:
    """Raises `InvalidRequest` for examples that no classifier can be trained on, `NotInstalled`
    without the weights of MiniLM."""
    given = await LANE.run(read_labelled, path)
    told = [_began(given, epochs)]
    vectors, tokens = await _embed(given.texts)
    if validation is None:
        held = sorted(hold_back(given))
        check_vectors, check_wanted = vectors[held], np.array(given.wanted, np.int64)[held]
    else:
        other = await LANE.run(read_labelled, validation, "validation_file")
        check_vectors, _ = await _embed(other.texts)
        check_wanted, held = _places(other, given.labels), []
    trained = await LANE.run(_fit, given, vectors, held, check_vectors, check_wanted, epochs)
    return Trained(
        head=trained[0],
        tokens=tokens * epochs,
        events=(*told, *trained[1]),
        metrics={**trained[2], "examples": len(given.texts), "labels": len(given.labels)},
    )


async def _embed(texts: Sequence[str]) -> tuple[Array, int]:
    """Vectors of texts and how many tokens those have."""
    vectors = np.zeros((len(texts), minilm.DIMENSIONS), np.float32)
    tokens = 0
    for rows in _batches(texts):
        batch = [texts[row] for row in rows]
        vectors[rows], count = await LANE.run(_embed_batch, batch)
        tokens += count
    return vectors, tokens


def _embed_batch(texts: Sequence[str]) -> tuple[Array, int]:
    """Each by itself: its last bits would else depend on the others in the batch."""
    vectors = np.vstack([minilm.embed([text]) for text in texts])
    return vectors, sum(map(len, encode(texts)))


def _batches(texts: Sequence[str]) -> Iterator[list[int]]:
    batch: list[int] = []
    room = BATCH_CHARACTERS
    for row, text in enumerate(texts):
        if batch and room < len(text):
            yield batch
            batch, room = [], BATCH_CHARACTERS
        batch.append(row)
        room -= max(len(text), 1)
    if batch:
        yield batch


def _places(given: Labelled, labels: tuple[str, ...]) -> Places:
    """Of each row its label's place in `labels`; -1, which nothing matches, for a strange one."""
    known = {label: place for place, label in enumerate(labels)}
    return np.array([known.get(given.labels[place], -1) for place in given.wanted], np.int64)


def _fit(
    given: Labelled,
    vectors: Array,
    held: list[int],
    check_vectors: Array,
    check_wanted: Places,
    epochs: int,
) -> tuple[Head, list[TuningEvent], JsonObject]:
    wanted = np.array(given.wanted, np.int64)
    kept = np.setdiff1d(np.arange(len(wanted)), held)
    events: list[TuningEvent] = []
    for epoch in fit(vectors[kept], wanted[kept], given.labels, epochs):
        accuracy = score(epoch.head, check_vectors, check_wanted)
        events.append(_passed(epoch, epochs, accuracy))
    last = epoch
    if held:
        *_, last = fit(vectors, wanted, given.labels, epochs)
        events.append(_refitted(len(wanted), last))
    metrics: JsonObject = {
        "loss": round(last.loss, DIGITS),
        "accuracy": accuracy,
        "held_out": len(check_wanted),
    }
    return last.head, events, metrics


def _began(given: Labelled, epochs: int) -> TuningEvent:
    said = (
        f"{len(given.texts)} examples of {len(given.labels)} labels are trained on, {epochs} times"
    )
    data: JsonObject = {"labels": list(given.labels), "steps_per_epoch": STEPS}
    return TuningEvent(key="began", message=said, at=clock.now(), data=data)


def _passed(epoch: Epoch, epochs: int, accuracy: float | None) -> TuningEvent:
    said = f"Epoch {epoch.number} of {epochs}: loss {epoch.loss:.4f}"
    if accuracy is not None:
        said += f", held-out accuracy {accuracy:.2f}"
    data: JsonObject = {
        "epoch": epoch.number,
        "loss": round(epoch.loss, DIGITS),
        "accuracy": accuracy,
    }
    return TuningEvent(key=f"epoch {epoch.number}", message=said, at=clock.now(), data=data)


def _refitted(count: int, last: Epoch) -> TuningEvent:
    said = f"Trained once more with the held-out examples, {count} in all: loss {last.loss:.4f}"
    data: JsonObject = {"loss": round(last.loss, DIGITS), "examples": count}
    return TuningEvent(key="refitted", message=said, at=clock.now(), data=data)
