"""Texts cut into pieces that are small enough to be embedded whole.

Sizes are in characters (docs/adr/0017-characters-not-tokens.md). A piece ends where a paragraph
ends if one ends in its second half, else with a sentence, a line or a word. Only a word that is
longer than a piece is cut.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from knowledge.models import Loader
from knowledge.reading.extracts import Extract, Section, Unreadable

SIZE: Final = 1024
OVERLAP: Final = 512
_WORD_START: Final = re.compile(r"(?<!\S)\S")
_VISIBLE: Final = re.compile(r"\S")
_BLANK: Final = re.compile(r"\s")
# Each matches where a piece may well end; better ones first.
_GOOD_ENDS: Final = (
    re.compile(r"(?<=\S)(?=[^\S\n]*\n[^\S\n]*\n)"),
    re.compile(r"(?<=[.!?…])[\"'”’)\]]*(?=\s)|(?<=[。！？])"),
    re.compile(r"(?<=\S)(?=[^\S\n]*\n)"),
)
_WORD_END: Final = re.compile(r"(?<=\S)(?=\s)")
_LOOK_AHEAD: Final = 8
_SENTENCE_START: Final = re.compile(r"(?<=[.!?…。！？]\s)\S|(?<=\n)\S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of a text, and what the loader knows of it."""

    text: str
    metadata: Mapping[str, str] = field(default_factory=dict)


class Span(NamedTuple):
    """The characters `start:end` of a text."""

    start: int
    end: int


def cut(
    extract: Extract, *, size: int = SIZE, overlap: int = OVERLAP, loader: str = Loader.DEFAULT
) -> list[Piece]:
    """The pieces of a text, in its order; each begins at most `overlap` before the last one's end.

    The loader `intercom` takes articles alone, else it is `Unreadable`; it keeps their paragraphs
    apart and notes where each stands.
    """
    if loader != Loader.INTERCOM:
        spans = find_spans(extract.text, size=size, overlap=overlap)
        return [Piece(text=extract.text[start:end]) for start, end in spans]
    if extract.kind != "articles":
        raise Unreadable(
            "is not articles exported as JSON: each needs a `title`, a `body` and a `url`"
        )
    sections = extract.sections
    return [
        piece for section in sections for piece in _pieces(extract.text, section, size, overlap)
    ]


def find_spans(text: str, *, size: int, overlap: int) -> Iterator[Span]:
    """Where the pieces of `text` stand. Each begins and ends with something visible, and goes on
    beyond the end of the last one."""
    whole = len(text.rstrip())
    start, end = _next_visible(text, 0), 0
    while start < whole:
        end = whole if whole - start <= size else _find_end(text, start, end, size)
        yield Span(start, end)
        start = _find_start(text, Span(start, end), size, overlap) if end < whole else whole


def _pieces(text: str, section: Section, size: int, overlap: int) -> Iterator[Piece]:
    paragraph = text[section.start : section.end]
    metadata = {"article_url": section.url, "heading": section.heading}
    for start, end in find_spans(paragraph, size=size, overlap=overlap):
        yield Piece(text=paragraph[start:end], metadata=metadata)


def _find_end(text: str, start: int, last_end: int, size: int) -> int:
    """The best place to end a piece that holds something new."""
    most = start + size
    full = max(last_end + 1, start + size // 2)
    for ends in _GOOD_ENDS:
        if place := _last_match(ends, text, full, most):
            return place
    return _last_match(_WORD_END, text, max(last_end, start) + 1, most) or most


def _last_match(ends: re.Pattern[str], text: str, least: int, most: int) -> int:
    """The last place from `least` to `most` that `ends` matches, which may look a bit further."""
    matches = ends.finditer(text, least, most + _LOOK_AHEAD)
    return max((match.end() for match in matches if match.end() <= most), default=0)


def _find_start(text: str, last: Span, size: int, overlap: int) -> int:
    """Where the piece after `last` begins: as far back as the overlap allows, but so that the next
    new word still fits into it; rather with a sentence than with any word."""
    new = _next_visible(text, last.end)
    blank = _BLANK.search(text, new, new + size)
    new_end = blank.start() if blank else min(new + size, len(text))
    least = max(last.end - overlap, last.start + 1, new_end - size)
    sentence = _SENTENCE_START.search(text, least, (least + new) // 2)
    found = sentence or _WORD_START.search(text, least, new + 1)
    return found.start() if found else new


def _next_visible(text: str, start: int) -> int:
    found = _VISIBLE.search(text, start)
    return found.start() if found else len(text)
