"""The published weights, read and run as published."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from providers.builtin import minilm, tokens, weights
from providers.builtin.engine.sense import Keywords, Meaning, best_sense
from vocabulary.errors import NotInstalled

FIRST = [-0.03448, 0.03102, 0.00673, 0.02611, -0.03936]


@pytest.fixture
def elsewhere(tmp_path: Path, settings) -> Iterator[Path]:
    """A folder that the model is looked for in, with nothing remembered from before."""
    kept = (weights.find_file, tokens.tokenizer, minilm.network, best_sense)
    settings.MINILM_DIR = str(tmp_path)
    for remembered in kept:
        remembered.cache_clear()
    yield tmp_path
    for remembered in kept:
        remembered.cache_clear()


def test_hello_world_has_the_published_token_ids():
    assert tokens.encode(["hello world"]) == [[7592, 2088]]
    assert (minilm.BEGIN, minilm.END) == (101, 102)


def test_vectors_and_cosines_are_the_published_ones():
    hello, order = minilm.embed(["hello world", "The order has not arrived"])
    assert np.allclose(hello[:5], FIRST, atol=1e-5)
    assert float(hello @ order) == pytest.approx(0.18731, abs=1e-5)


def test_vectors_have_length_one_and_384_dimensions():
    vectors = minilm.embed(["", "a", "word " * 700])
    assert vectors.shape == (3, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_a_text_means_the_same_whatever_it_is_batched_with():
    alone = minilm.embed(["Where is my parcel?"])[0]
    others = [f"sentence number {number} of another length" * (number % 5) for number in range(40)]
    together = minilm.embed([*others, "Where is my parcel?"])[-1]
    assert np.allclose(alone, together, atol=1e-5)


def test_the_same_texts_give_the_same_bytes():
    texts = ["one", "two and more words", "three"]
    assert minilm.embed(texts).tobytes() == minilm.embed(texts).tobytes()


def test_a_long_text_is_read_to_its_end():
    start = "The weather is fine. " * 60
    longer = minilm.embed([start, start + "My parcel has not arrived. " * 60])
    assert float(longer[0] @ longer[1]) < 0.95


def test_no_texts_give_no_vectors():
    assert minilm.embed([]).shape == (0, 384)


def test_a_missing_file_is_not_installed(elsewhere: Path):
    with pytest.raises(NotInstalled, match="missing"):
        minilm.embed(["hello"])


def test_a_file_that_is_not_the_published_one_is_refused(elsewhere: Path):
    (elsewhere / weights.TOKENIZER).write_text("{}")
    with pytest.raises(NotInstalled, match="not the published one"):
        tokens.encode(["hello"])


def test_a_missing_package_is_not_installed(elsewhere: Path, settings, monkeypatch):
    settings.MINILM_DIR = ""
    monkeypatch.setattr(weights, "PACKAGE", "no_such_package_anywhere")
    with pytest.raises(NotInstalled, match="extra `minilm`"):
        minilm.network()


def test_without_the_model_words_are_compared_and_counted(elsewhere: Path):
    assert isinstance(best_sense(), Keywords)
    assert tokens.count("three short words") == 3
    assert tokens.cut("three short words", 2) == "three short"


def test_with_the_model_meaning_is_compared():
    assert isinstance(best_sense(), Meaning)
    near, far = best_sense().closeness(
        ["my package is late"], ["the parcel has not come", "I sing"]
    )[0]
    assert near > far


def test_remembered_vectors_are_bounded(monkeypatch):
    monkeypatch.setattr("providers.builtin.engine.sense.CACHED_VECTORS", 3)
    meaning = Meaning()
    meaning.closeness(["a", "b", "c", "d", "e"], ["f"])
    assert len(meaning._vectors) == 3


def test_tokens_are_cut_where_they_stand_in_the_text():
    assert tokens.cut("Hello, you there", 2) == "Hello,"
    assert tokens.cut("Hello", 0) == ""
    assert tokens.cut("Hello", 5) == "Hello"
