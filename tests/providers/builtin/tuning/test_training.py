"""Classifiers are trained, the same each time, and are better than what is not trained."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from providers.builtin.tuning.heads import Head
from providers.builtin.tuning.judges import Judge
from providers.builtin.tuning.labels import Labelled, read_labelled
from providers.builtin.tuning.splits import hold_back
from providers.builtin.tuning.training import Trained, train
from vocabulary.errors import InvalidRequest
from wire.training_files import write_example

DATA = Path(__file__).parents[3] / "data" / "finetuning"
TRAINING, HELD_BACK = DATA / "topics_training.jsonl", DATA / "topics_held_back.jsonl"


@pytest.fixture(scope="module")
def trained() -> Trained:
    return asyncio.run(train(TRAINING, None, 3))


def write(path: Path, *answers: str) -> Path:
    lines = [
        write_example([("user", f"text {i}"), ("assistant", a)]) for i, a in enumerate(answers)
    ]
    path.write_bytes(b"".join(lines))
    return path


def test_a_tuned_classifier_beats_the_untuned_engine_on_unseen_texts(trained: Trained):
    from benchmarks.finetuning_accuracy import schema_of, score, share, untuned

    test = read_labelled(HELD_BACK)
    schema = schema_of(test.labels, explained=False)
    assert score(test, trained).right >= 0.8
    assert score(test, trained).right > share(test, untuned(schema)) + 0.1


def test_training_again_gives_the_same_bits(trained: Trained):
    assert asyncio.run(train(TRAINING, None, 3)).head.dump() == trained.head.dump()


def test_an_epoch_is_told_with_its_loss_and_held_out_accuracy(trained: Trained):
    told = [event for event in trained.events if "epoch" in event.data]
    losses = [float(str(event.data["loss"])) for event in told]
    assert [event.data["epoch"] for event in told] == [1, 2, 3]
    assert losses == sorted(losses, reverse=True) and losses[-1] < 0.2
    assert 0.5 < told[-1].data["accuracy"] <= 1
    assert trained.metrics["held_out"] == 7
    assert trained.tokens % 3 == 0


def test_a_file_of_its_own_to_measure_by_is_measured_by(tmp_path: Path):
    few = tmp_path / "few.jsonl"
    few.write_bytes(b"".join(HELD_BACK.read_bytes().splitlines(keepends=True)[:14]))
    trained = asyncio.run(train(TRAINING, few, 1))
    assert trained.metrics["held_out"] == 14
    assert "refitted" not in {event.key for event in trained.events}


def test_a_head_survives_its_bytes(trained: Trained):
    head = Head.load(trained.head.dump())
    assert head.labels == trained.head.labels
    assert np.array_equal(head.weight, trained.head.weight)
    assert np.array_equal(head.bias, trained.head.bias)


@pytest.mark.parametrize("data", [b"", b"colloquy-head-1\n", b"\x80\x04pickle"])
def test_other_bytes_are_no_head(data: bytes, trained: Trained):
    with pytest.raises(ValueError, match="head"):
        Head.load(data)
    with pytest.raises(ValueError, match="cut short"):
        Head.load(trained.head.dump()[:-4])


def test_probabilities_are_those_of_a_softmax(trained: Trained):
    odds = Judge(trained.head, "Where is my parcel?", 0.0).odds
    assert odds[0].label == "delivery"
    assert sum(each.share for each in odds) == pytest.approx(1)


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        (["a"] * 10, "builtin trains classifiers only.*these have 1"),
        ([f"Dear customer, {i}" for i in range(60)], "builtin trains classifiers only.*have 60"),
        (["a"] * 9 + ["b"], "'b' has fewer than 2 examples"),
        (["a", "b", "x" * 201] * 4, "line 3: builtin trains classifiers only.*too long"),
    ],
)
def test_what_is_no_set_of_labels_is_refused(tmp_path: Path, answers: list[str], fault: str):
    with pytest.raises(InvalidRequest, match=fault):
        read_labelled(write(tmp_path / "x.jsonl", *answers))


def test_what_is_held_back_does_not_depend_on_the_order_and_is_never_trained_on():
    texts = tuple(f"text {i % 20}" for i in range(40))
    wanted = tuple(i % 2 for i in range(40))
    given = Labelled(texts=texts, wanted=wanted, labels=("a", "b"))
    other = Labelled(texts=texts[::-1], wanted=wanted[::-1], labels=("a", "b"))
    held = {texts[row] for row in hold_back(given)}
    assert held == {texts[::-1][row] for row in hold_back(other)}
    assert len(held) == 4
    assert not held & {text for row, text in enumerate(texts) if row not in hold_back(given)}


def test_of_few_examples_none_is_held_back():
    given = Labelled(texts=("a", "b", "c", "d"), wanted=(0, 0, 1, 1), labels=("x", "y"))
    assert hold_back(given) == frozenset()
