"""How much a fine-tuned builtin classifier is better than the untuned engine, on unseen texts.

    python benchmarks/finetuning_accuracy.py [training.jsonl held_back.jsonl]

Both files are training files. The untuned one is `builtin/extractive` asked for one of the labels;
the explained one is told besides what each label means, in `EXPLAINED`.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from providers.builtin.engine.extract import extract
from providers.builtin.tuning.judges import Judge
from providers.builtin.tuning.labels import Labelled, read_labelled
from providers.builtin.tuning.training import Trained, train
from vocabulary.json import JsonObject
from wire.extraction import Extraction, Line

DATA = Path(__file__).resolve().parent.parent / "tests" / "data" / "finetuning"
EPOCHS = (1, 3, 10, 50)
EXPLAINED = {
    "billing": "charges, invoices, fees and payments",
    "delivery": "where an order is, when it arrives and where to",
    "returns": "sending goods back, exchanges and refunds for them",
    "technical": "something does not work, errors and crashes",
    "account": "logging in, passwords and personal details",
    "cancellation": "ending a subscription or a contract",
    "sales": "prices, offers and advice before buying",
}


class Score(NamedTuple):
    """The share that is right, and the mean confidence of what is right and of what is wrong."""

    right: float
    sure_when_right: float
    sure_when_wrong: float


def untuned(schema: JsonObject) -> Callable[[str], str]:
    """Answers one text after the other as the engine does without any training."""

    def answer(text: str) -> str:
        line = Line(index=0, role="user", name="", text=text)
        asked = Extraction(instructions="What is the message about?", lines=(line,), schema=schema)
        value = extract(asked).value
        return str(value.get("topic")) if isinstance(value, dict) else ""

    return answer


def schema_of(labels: Sequence[str], explained: bool) -> JsonObject:
    topic: JsonObject = {"type": "string", "enum": list(labels)}
    if explained:
        topic = {**topic, "x-enum-descriptions": EXPLAINED}
    return {"type": "object", "properties": {"topic": topic}, "required": ["topic"]}


def share(given: Labelled, answer: Callable[[str], str]) -> float:
    pairs = zip(given.texts, given.wanted, strict=True)
    right = [answer(text) == given.labels[place] for text, place in pairs]
    return sum(right) / len(right)


def score(given: Labelled, trained: Trained) -> Score:
    right: list[float] = []
    wrong: list[float] = []
    for text, place in zip(given.texts, given.wanted, strict=True):
        best = Judge(trained.head, text, 0.0).odds[0]
        (right if best.label == given.labels[place] else wrong).append(best.share)
    return Score(len(right) / len(given.texts), _mean(right), _mean(wrong))


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0


def main() -> None:
    import django

    django.setup()
    given = [Path(name) for name in sys.argv[1:]]
    training, held_back = given or (
        DATA / "topics_training.jsonl",
        DATA / "topics_held_back.jsonl",
    )
    test = read_labelled(held_back)
    print(f"{len(test.texts)} unseen texts, {len(test.labels)} labels")
    for explained in (False, True):
        if explained and not set(test.labels) <= set(EXPLAINED):
            continue
        schema = schema_of(test.labels, explained)
        told = "untuned, labels explained" if explained else "untuned"
        print(f"{told:28} {share(test, untuned(schema)):.2f} right")
    for epochs in EPOCHS:
        began = time.perf_counter()
        trained = asyncio.run(train(training, None, epochs))
        took = time.perf_counter() - began
        found = score(test, trained)
        print(
            f"tuned, {epochs:2} epochs             {found.right:.2f} right, "
            f"confidence {found.sure_when_right:.2f} / {found.sure_when_wrong:.2f}, "
            f"loss {trained.metrics['loss']:.3f}, own held-out {trained.metrics['accuracy']:.2f}, "
            f"{took:.1f} s, {len(trained.head.dump()) / 1000:.0f} kB"
        )


if __name__ == "__main__":
    main()
