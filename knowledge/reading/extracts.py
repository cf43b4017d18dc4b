"""What reading a file comes to: its text, or the reason why there is none."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from vocabulary.errors import UnsupportedMedia

type Kind = Literal["text", "html", "json", "articles", "csv", "pdf", "docx", "recording"]

MOST_BYTES: Final = 100_000_000
"""Of a file."""
MOST_CHARACTERS: Final = 20_000_000
"""Of its text, unless the caller wants less."""
TOO_MUCH_MEMORY: Final = "needs too much memory to be read"
# Neither a store nor a model takes these: control characters, halves of surrogate pairs, no-ones.
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_ENDS: Final = re.compile("\r\n?|\u2028|\x85")


class Unreadable(UnsupportedMedia):
    """The file cannot be read."""

    code = "unreadable"

    def __init__(self, reason: str) -> None:
        """`reason` goes on from "the file …": "is not a readable PDF: it is cut off"."""
        super().__init__(f"the file {reason}")
        self.reason = reason


class TooLong(Unreadable):
    """The file, or its text, is longer than is read."""

    code = "too_long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The characters `start:end` of a text: a paragraph of an article found at `url`."""

    start: int
    end: int
    heading: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """A file's text, with paragraphs set apart by empty lines. Only `articles` have sections."""

    text: str
    kind: Kind
    title: str = ""
    sections: tuple[Section, ...] = ()


class Writing:
    """A text that grows by paragraphs, up to `most` characters; beyond them it is `TooLong`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._paragraphs: list[str] = []
        self.length = 0

    def add(self, paragraph: str) -> Section | None:
        """Where the paragraph stands now; None for a blank one, which is left out."""
        clean = printable(paragraph).strip()
        if not clean:
            return None
        start = self.length + (len(PARAGRAPH_END) if self._paragraphs else 0)
        self.length = start + len(clean)
        if self.length > self._most:
            raise too_long(self._most)
        self._paragraphs.append(clean)
        return Section(start=start, end=self.length)

    def add_all(self, paragraphs: Iterable[str]) -> "Writing":
        for paragraph in paragraphs:
            self.add(paragraph)
        return self

    def extract(self, kind: Kind, title: str = "") -> Extract:
        """Raises `Unreadable` where nothing was written."""
        if not self._paragraphs:
            raise Unreadable("has no text in it")
        text = PARAGRAPH_END.join(self._paragraphs)
        return Extract(text=text, kind=kind, title=" ".join(printable(title).split()))


PARAGRAPH_END: Final = "\n\n"


def printable(text: str) -> str:
    """`text` with `\\n` at its line ends, and without what cannot be stored."""
    return _UNPRINTABLE.sub("", _LINE_ENDS.sub("\n", text))


def too_long(most: int) -> TooLong:
    return TooLong(f"has more than {most:,} characters of text")
