"""Where the words that a model quotes stand in the message it quotes them from.

Models copy loosely: other blanks, other quote marks, other case, and without the invisible
characters that they were not shown. What counts is the span in the message as it was stored.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from wire.invisible import INVISIBLE, visible

# Signs that are typed one way and printed another.
TYPED = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´ʼ＇", "'"),
        **dict.fromkeys("“”„‟″«»＂", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "…": "...",
    }
)


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]`, in Unicode characters."""

    start: int
    end: int


def locate(quote: str, text: str) -> Span | None:
    """Where `quote` stands in `text`: to the letter if it does, else as a reader would see it."""
    wanted = fold(quote)
    if not wanted:
        return None
    start = _place(quote, text)
    if start >= 0:
        return Span(start, start + len(quote))
    return _locate_folded(wanted, text) if wanted in fold(text) else None


@lru_cache(maxsize=256)
def fold(text: str) -> str:
    """`text` without case, invisible characters and typography, each run of blanks as one."""
    return " ".join(visible(text).casefold().translate(TYPED).split())


def _locate_folded(wanted: str, text: str) -> Span:
    """Where the text that folds to `wanted` stands; it must stand somewhere."""
    folded, origins = _fold_with_origins(text)
    start = _place(wanted, folded)
    return Span(origins[start], origins[start + len(wanted) - 1] + 1)


def _fold_with_origins(text: str) -> tuple[str, list[int]]:
    """`fold(text)` letter by letter, perhaps with a blank at its end, and for each of its
    characters the index of the one in `text` that it came of."""
    signs: list[str] = []
    origins: list[int] = []
    for origin, sign in enumerate(text):
        for plain in _plain(sign):
            if plain == " " and (not signs or signs[-1] == " "):
                continue
            signs.append(plain)
            origins.append(origin)
    return "".join(signs), origins


@lru_cache(maxsize=4096)
def _plain(sign: str) -> str:
    """What one character folds to; nothing for an invisible one."""
    if INVISIBLE.match(sign):
        return ""
    return " " if sign.isspace() else sign.casefold().translate(TYPED)


def _place(wanted: str, text: str) -> int:
    """The first place of `wanted` as whole words, else the first of all; -1 if it has none."""
    first = text.find(wanted)
    if first < 0:
        return first
    whole = re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", text)
    return whole.start() if whole else first
