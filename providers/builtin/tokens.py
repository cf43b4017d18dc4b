"""WordPiece: texts to token ids, and counts for usage and `max_tokens`."""

import re
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from providers.builtin.weights import TOKENIZER, find_file
from vocabulary.errors import NotInstalled

if TYPE_CHECKING:
    from tokenizers import Tokenizer

WORD = re.compile(r"\S+")


@cache
def tokenizer() -> "Tokenizer":
    """The model's own tokenizer, without its padding and its limit; `NotInstalled` if missing."""
    if find_spec("tokenizers") is None:
        raise NotInstalled("the library `tokenizers` is not installed: add the extra `minilm`")
    # Imported on first use: it is an optional part of this server.
    from tokenizers import Tokenizer

    made = Tokenizer.from_file(str(find_file(TOKENIZER)))
    made.no_truncation()
    made.no_padding()
    return made


def encode(texts: Sequence[str]) -> list[list[int]]:
    """Token ids of each text, without the marks of beginning and end."""
    return [e.ids for e in tokenizer().encode_batch(list(texts), add_special_tokens=False)]


def count(text: str) -> int:
    """How many tokens a text has."""
    return len(_places(text))


def cut(text: str, most: int) -> str:
    """The first `most` tokens of a text, as they stand in it."""
    places = _places(text)
    if len(places) <= most:
        return text
    return text[: places[most - 1][1]] if most > 0 else ""


def _places(text: str) -> list[tuple[int, int]]:
    """Start and end of each token; of each word, where the tokenizer is not installed."""
    try:
        encoded = tokenizer().encode(text, add_special_tokens=False)
    except NotInstalled:
        return [match.span() for match in WORD.finditer(text)]
    return encoded.offsets
