"""all-MiniLM-L6-v2 as numpy: six layers of attention over WordPiece tokens, then their mean.

Runs on the calling thread and holds it for 5-10 ms a sentence; `providers.builtin.threads` keeps it
off the event loop. Vectors have 384 dimensions and length one.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from providers.builtin.tokens import encode
from providers.builtin.weights import WEIGHTS, Array, find_file, read_safetensors

DIMENSIONS = 384
MAX_TOKENS = 256
HEADS = 12
LAYERS = 6
EPSILON = 1e-12
BATCH_TOKENS = 2_048
BEGIN, END = 101, 102
ROOM = MAX_TOKENS - 2
# Abramowitz and Stegun 7.1.26: the error function within 1.5e-7.
ERF = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)
ERF_SCALE = 0.3275911


class Dense(NamedTuple):
    """x @ weight + bias; `weight` is (inputs, outputs)."""

    weight: Array
    bias: Array

    def __call__(self, x: Array) -> Array:
        return x @ self.weight + self.bias


class Norm(NamedTuple):
    """Layer norm over the last axis."""

    weight: Array
    bias: Array

    def __call__(self, x: Array) -> Array:
        centred = x - x.mean(-1, keepdims=True)
        variance = np.square(centred).mean(-1, keepdims=True)
        return centred / np.sqrt(variance + np.float32(EPSILON)) * self.weight + self.bias


class Layer(NamedTuple):
    query: Dense
    key: Dense
    value: Dense
    attended: Dense
    attended_norm: Norm
    widen: Dense
    narrow: Dense
    narrow_norm: Norm

    def __call__(self, x: Array, mask: Array) -> Array:
        """`x` is (texts, tokens, 384); `mask` is 0 for a token and -inf-like for padding."""
        attention = _attend(self.query(x), self.key(x), self.value(x), mask)
        x = self.attended_norm(x + self.attended(attention))
        return self.narrow_norm(x + self.narrow(_gelu(self.widen(x))))


class Network(NamedTuple):
    words: Array
    positions: Array
    norm: Norm
    layers: tuple[Layer, ...]

    def __call__(self, ids: Array, lengths: Array) -> Array:
        """`ids` is (texts, tokens), padded at the end; answers (texts, 384) of length one."""
        real = (np.arange(ids.shape[1]) < lengths[:, None]).astype(np.float32)
        mask = ((1 - real) * np.float32(-1e9))[:, None, None, :]
        x = self.norm(self.words[ids] + self.positions[: ids.shape[1]])
        for layer in self.layers:
            x = layer(x, mask)
        sums: Array = (x * real[:, :, None]).sum(1)
        return _unit(sums)  # of the direction; the mean of the tokens has the same


def embed(texts: Sequence[str]) -> Array:
    """Vectors of texts, (texts, 384).

    A text longer than 256 tokens is read in windows, and their vectors are averaged by length.
    """
    windows = [(row, window) for row, ids in enumerate(encode(texts)) for window in _windows(ids)]
    vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
    for batch in _batches(windows):
        ids = [window for _, window in batch]
        for (row, window), vector in zip(batch, _run(ids), strict=True):
            vectors[row] += vector * np.float32(len(window))
    return _unit(vectors)


def _windows(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, max(len(ids), 1), ROOM):
        yield [BEGIN, *ids[start : start + ROOM], END]


def _batches[T](windows: list[tuple[T, list[int]]]) -> Iterator[list[tuple[T, list[int]]]]:
    """Windows of like length together, so that padding is small."""
    batch: list[tuple[T, list[int]]] = []
    for item in sorted(windows, key=lambda window: len(window[1])):
        if batch and (len(batch) + 1) * len(item[1]) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


def _run(windows: list[list[int]]) -> Array:
    lengths = np.array([len(window) for window in windows])
    ids = np.zeros((len(windows), lengths.max()), np.int64)
    for row, window in enumerate(windows):
        ids[row, : len(window)] = window
    return network()(ids, lengths)


@cache
def network() -> Network:
    """The network with its weights; raises `NotInstalled` when they are missing."""
    arrays = read_safetensors(find_file(WEIGHTS))
    # All tokens are of the first type: its vector is part of every position's.
    types = arrays["embeddings.token_type_embeddings.weight"]
    return Network(
        words=arrays["embeddings.word_embeddings.weight"],
        positions=arrays["embeddings.position_embeddings.weight"] + types[0],
        norm=_norm(arrays, "embeddings.LayerNorm"),
        layers=tuple(_layer(arrays, f"encoder.layer.{index}") for index in range(LAYERS)),
    )


def _layer(arrays: dict[str, Array], name: str) -> Layer:
    return Layer(
        query=_dense(arrays, f"{name}.attention.self.query"),
        key=_dense(arrays, f"{name}.attention.self.key"),
        value=_dense(arrays, f"{name}.attention.self.value"),
        attended=_dense(arrays, f"{name}.attention.output.dense"),
        attended_norm=_norm(arrays, f"{name}.attention.output.LayerNorm"),
        widen=_dense(arrays, f"{name}.intermediate.dense"),
        narrow=_dense(arrays, f"{name}.output.dense"),
        narrow_norm=_norm(arrays, f"{name}.output.LayerNorm"),
    )


def _dense(arrays: dict[str, Array], name: str) -> Dense:
    return Dense(arrays[f"{name}.weight"].T, arrays[f"{name}.bias"])


def _norm(arrays: dict[str, Array], name: str) -> Norm:
    return Norm(arrays[f"{name}.weight"], arrays[f"{name}.bias"])


def _attend(query: Array, key: Array, value: Array, mask: Array) -> Array:
    scores = _split(query) @ _split(key).swapaxes(-1, -2)
    weights = _softmax(scores / np.float32((DIMENSIONS // HEADS) ** 0.5) + mask)
    joined: Array = (weights @ _split(value)).transpose(0, 2, 1, 3).reshape(query.shape)
    return joined


def _split(x: Array) -> Array:
    """(texts, tokens, 384) to (texts, heads, tokens, 32)."""
    return x.reshape(*x.shape[:2], HEADS, -1).transpose(0, 2, 1, 3)


def _softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(-1, keepdims=True))
    shares: Array = powers / powers.sum(-1, keepdims=True)
    return shares


def _gelu(x: Array) -> Array:
    halves: Array = x * np.float32(0.5) * (1 + _erf(x * np.float32(0.5**0.5)))
    return halves


def _erf(x: Array) -> Array:
    size = np.abs(x)
    t = 1 / (1 + np.float32(ERF_SCALE) * size)
    series = np.zeros_like(t)
    for coefficient in ERF:
        series = (series + np.float32(coefficient)) * t
    signed: Array = np.sign(x) * (1 - series * np.exp(-size * size))
    return signed


def _unit(vectors: Array) -> Array:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    units: Array = vectors / np.maximum(lengths, np.float32(EPSILON))
    return units
