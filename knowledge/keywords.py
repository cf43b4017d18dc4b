"""Search by words, for an index whose model is not installed: chunks that hold the question's
words, those with the rarer words first."""

import math
import re
from collections import Counter
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Q

from knowledge.models import Chunk, DocumentStatus
from knowledge.vectors.loading import Source
from knowledge.vectors.matrix import Hit

NAME: Final = "keywords"
"""What stands for the model's name in a match."""
MOST_WORDS: Final = 12
MOST_CHUNKS: Final = 1_000
"""Chunks with any of the words that are weighed."""
_WORD: Final = re.compile(r"\w{3,}")
_COMMON: Final = frozenset(
    re.findall(
        _WORD,
        "about and any are but can could did does for from get had has have how into its may not"
        " our should that the their them there these they this was were what when where which who"
        " why will with would you your",
    )
)


def find(source: Source, query: str, limit: int) -> list[Hit]:
    """The chunks that hold most of what is asked; a chunk with all words has the distance 0, one
    with half of their weight 0.5. Reads the database."""
    words = find_words(query)
    if not words:
        return []
    holding = reduce(or_, (Q(text__icontains=word) for word in words))
    chunks = Chunk.objects.for_organisation(source.organisation_id).filter(
        holding, index_id=source.index_id, document__status=DocumentStatus.EMBEDDED
    )
    rows = list(chunks.order_by("pk").values_list("pk", "text")[:MOST_CHUNKS])
    held = [(pk, {word for word in words if word in text.casefold()}) for pk, text in rows]
    weights = _weigh(words, [some for _, some in held])
    whole = sum(weights.values())
    hits = [Hit(pk, 1 - sum(weights[word] for word in some) / whole) for pk, some in held]
    return sorted(hits, key=lambda hit: hit.distance)[:limit]


def find_words(query: str) -> list[str]:
    """Those that say something, in lower case and without their plural: both forms are found."""
    words = (word for word in _WORD.findall(query.casefold()) if word not in _COMMON)
    return list(dict.fromkeys(word.removesuffix("s") for word in words))[:MOST_WORDS]


def _weigh(words: list[str], held: list[set[str]]) -> dict[str, float]:
    """A word that few chunks hold says more than one that many do."""
    counts = Counter(word for some in held for word in some)
    return {word: math.log(1 + (len(held) + 1) / (counts[word] + 0.5)) for word in words}
