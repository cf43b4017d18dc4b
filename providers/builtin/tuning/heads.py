"""A head: what turns a text's vector into probabilities of labels. Trained, kept as bytes, used.

Training is softmax regression by Adam on all examples at once, from zero, without any chance in
it: the same examples give the same bits on the same machine.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import orjson

from providers.builtin.minilm import DIMENSIONS
from providers.builtin.weights import Array

type Places = npt.NDArray[np.int64]
"""Of each text, its label's place among the labels."""

STEPS: Final = 20
"""Adam's steps in an epoch. All examples take part in each: a head is small, and one step a pass,
as large models take hundreds of, would leave three epochs where they began."""
RATE: Final = 0.02
DECAY: Final = 1e-4  # of the weights' squares, added to the loss
_FIRST, _SECOND, _TINY = 0.9, 0.999, 1e-8
_MAGIC: Final = b"colloquy-head-1\n"
_SIZE: Final = struct.Struct("<I")


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """`weight` is (384, labels), `bias` (labels), both float32."""

    labels: tuple[str, ...]
    weight: Array
    bias: Array

    def probabilities(self, vectors: Array) -> Array:
        """(texts, labels); each row sums to one."""
        return _softmax(vectors @ self.weight + self.bias)

    def dump(self) -> bytes:
        """Magic, the size of the labels' JSON, that JSON, weights, bias: little-endian float32."""
        labels = orjson.dumps(list(self.labels))
        arrays = (self.weight, self.bias)
        numbers = b"".join(np.ascontiguousarray(a, dtype="<f4").tobytes() for a in arrays)
        return _MAGIC + _SIZE.pack(len(labels)) + labels + numbers

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Raises ValueError for bytes that `dump` has not made."""
        if not data.startswith(_MAGIC) or len(data) < len(_MAGIC) + _SIZE.size:
            raise ValueError("these bytes are no head")
        [size] = _SIZE.unpack_from(data, len(_MAGIC))
        start = len(_MAGIC) + _SIZE.size
        labels = orjson.loads(data[start : start + size])
        numbers = np.frombuffer(data[start + size :], dtype="<f4")
        if numbers.size != (DIMENSIONS + 1) * len(labels):
            raise ValueError("this head is cut short")
        split = DIMENSIONS * len(labels)
        weight = numbers[:split].reshape(DIMENSIONS, len(labels))
        return cls(tuple(labels), weight, numbers[split:])


class Epoch(NamedTuple):
    """After one of them: the mean cross-entropy of what was trained on, and the head as it is."""

    number: int
    loss: float
    head: Head


def fit(vectors: Array, wanted: Places, labels: tuple[str, ...], epochs: int) -> Iterator[Epoch]:
    """The epochs, one after the other; the last one's head is what was trained."""
    x = vectors.astype(np.float64)
    y = np.eye(len(labels))[wanted]
    weights = np.zeros((DIMENSIONS + 1, len(labels)))
    adam = _Adam(weights.shape)
    for number in range(1, epochs + 1):
        for _ in range(STEPS):
            weights = weights - adam.step(_gradient(x, y, weights))
        head = _head(weights, labels)
        yield Epoch(number, _loss(x, y, weights), head)


def score(head: Head, vectors: Array, wanted: Places) -> float | None:
    """The share of texts that get the wanted label; None without any."""
    if not len(wanted):
        return None
    return float((head.probabilities(vectors).argmax(1) == wanted).mean())


class _Adam:
    def __init__(self, shape: tuple[int, ...]) -> None:
        self._mean, self._square, self._time = np.zeros(shape), np.zeros(shape), 0

    def step(self, gradient: Array) -> Array:
        self._time += 1
        self._mean = _FIRST * self._mean + (1 - _FIRST) * gradient
        self._square = _SECOND * self._square + (1 - _SECOND) * np.square(gradient)
        mean = self._mean / (1 - _FIRST**self._time)
        square = self._square / (1 - _SECOND**self._time)
        taken: Array = RATE * mean / (np.sqrt(square) + _TINY)
        return taken


def _gradient(x: Array, y: Array, weights: Array) -> Array:
    off = (_softmax(x @ weights[:-1] + weights[-1]) - y) / len(x)
    return np.vstack([x.T @ off + 2 * DECAY * weights[:-1], off.sum(0)])


def _loss(x: Array, y: Array, weights: Array) -> float:
    right = (_softmax(x @ weights[:-1] + weights[-1]) * y).sum(1)
    return float(-np.log(np.maximum(right, 1e-12)).mean())


def _head(weights: Array, labels: tuple[str, ...]) -> Head:
    kept = weights.astype(np.float32)
    return Head(labels, kept[:-1], kept[-1])


def _softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(-1, keepdims=True))
    shares: Array = powers / powers.sum(-1, keepdims=True)
    return shares
