"""PDF: the text of its pages. What was scanned has none."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pypdfium2

from knowledge.reading.extracts import Extract, TooLong, Unreadable, Writing

MOST_PAGES: Final = 5_000
# Where a word goes on in the next line.
_HYPHEN: Final = re.compile("(?<=\\w)(?:\ufffe|\x02|\u00ad)\\s*")
_PASSWORD: Final = "password"


def read(path: Path, most: int, media_type: str) -> Extract:
    """A paragraph for each page, at least."""
    try:
        with pypdfium2.PdfDocument(path) as document:
            if len(document) > MOST_PAGES:
                raise TooLong(f"has more than {MOST_PAGES:,} pages")
            title = document.get_metadata_value("Title")
            return Writing(most).add_all(_pages(document)).extract("pdf", title)
    except pypdfium2.PdfiumError as fault:
        if _PASSWORD in str(fault).lower():
            raise Unreadable("is a PDF that only a password opens") from None
        raise Unreadable(f"is not a readable PDF: {fault}") from None


def _pages(document: pypdfium2.PdfDocument) -> Iterator[str]:
    for number in range(len(document)):
        page = document[number]
        words = page.get_textpage()
        yield _HYPHEN.sub("", words.get_text_range())
        words.close()
        page.close()
