"""How near two texts are in meaning: by MiniLM where it is installed, by shared words where not.

Both answer cosines; a threshold that suits one does not suit the other, so each brings its own.
"""

from collections import Counter, OrderedDict
from collections.abc import Hashable, Sequence
from functools import cache
from threading import Lock
from typing import NamedTuple, Protocol

import numpy as np

from providers.builtin import minilm, tokens
from providers.builtin.engine.find import stems
from providers.builtin.weights import Array
from vocabulary.errors import NotInstalled

CACHED_VECTORS = 8_192
# Beyond this the last bits depend on which texts shared a batch.
DIGITS = 4
COMMON = frozenset(
    stems(
        "a an and are as at be been but by can could did do does for from had has have he her his "
        "how i if in is it its me my no not of on or our please she so some than that the their "
        "them then there they this to us was we were what when where which who will with would "
        "you your about customer agent conversation true false whether value if any"
    )
)


class Thresholds(NamedTuple):
    """From which cosine on a text is about something, says it, asks for a tool."""

    related: float
    says: float
    calls: float


class Sense(Hashable, Protocol):
    @property
    def thresholds(self) -> Thresholds: ...

    @property
    def is_trained(self) -> bool:
        """Whether it knows words that mean the same, or only words that are the same."""
        ...

    def closeness(self, left: Sequence[str], right: Sequence[str]) -> Array:
        """Cosines, (left, right)."""
        ...


class Meaning:
    """MiniLM, with a bounded memory of vectors: about 12 MB when full."""

    thresholds = Thresholds(related=0.25, says=0.42, calls=0.35)
    is_trained = True

    def __init__(self) -> None:
        self._vectors: OrderedDict[str, Array] = OrderedDict()
        self._lock = Lock()

    def closeness(self, left: Sequence[str], right: Sequence[str]) -> Array:
        if not left or not right:
            return np.zeros((len(left), len(right)), np.float32)
        vectors = self._look_up([*left, *right])
        cosines: Array = vectors[: len(left)] @ vectors[len(left) :].T
        return np.round(cosines, DIGITS)

    def _look_up(self, texts: Sequence[str]) -> Array:
        with self._lock:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
        missing = list(dict.fromkeys(text for text in texts if text not in known))
        if missing:
            known |= zip(missing, minilm.embed(missing), strict=True)
            self._remember(known)
        return np.stack([known[text] for text in texts])

    def _remember(self, vectors: dict[str, Array]) -> None:
        with self._lock:
            self._vectors.update(vectors)
            while len(self._vectors) > CACHED_VECTORS:
                self._vectors.popitem(last=False)


class Keywords:
    """Shared word stems, weighed by how rare they are among the texts compared."""

    thresholds = Thresholds(related=0.08, says=0.35, calls=0.25)
    is_trained = False

    def closeness(self, left: Sequence[str], right: Sequence[str]) -> Array:
        bags = [Counter(s for s in stems(text) if s not in COMMON) for text in [*left, *right]]
        seen_in = Counter(stem for bag in bags for stem in bag)
        place = {stem: column for column, stem in enumerate(seen_in)}
        vectors = np.zeros((len(bags), len(place)), np.float32)
        for row, bag in enumerate(bags):
            for stem, count in bag.items():
                vectors[row, place[stem]] = count * np.log(1 + len(bags) / seen_in[stem])
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        cosines: Array = vectors[: len(left)] @ vectors[len(left) :].T
        return np.round(cosines, DIGITS)


@cache
def best_sense() -> Sense:
    """MiniLM if it can be loaded in this process; decided once."""
    try:
        minilm.network()
        tokens.tokenizer()
    except NotInstalled:
        return Keywords()
    return Meaning()
