"""DOCX: the paragraphs and tables of a document's body.

The archive is judged before anything in it is unpacked: its own list says how large it grows.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from knowledge.reading.extracts import Extract, Unreadable, Writing

_BODY: Final = "word/document.xml"
_MOST_PARTS: Final = 10_000
_MOST_UNPACKED: Final = 300_000_000
_MOST_RATIO: Final = 100
# Small archives may shrink well without being bombs.
_UNSUSPECTED: Final = 20_000_000
_PARAGRAPH, _TEXT, _ROW, _CELL = qn("w:p"), qn("w:t"), qn("w:tr"), qn("w:tc")
# Of a text box, for older programs: the same words once more.
_SECOND_FORM: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_CELL_END: Final = " | "
_BLANKS_IN_ROW: Final = re.compile(" {2,}")
_BLANKS: Final = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n"}


def read(path: Path, most: int, media_type: str) -> Extract:
    """Raises `Unreadable` for other archives, and for those that would not fit into memory."""
    _check_archive(path)
    try:
        document = docx.Document(str(path))
        title = document.core_properties.title
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError, SyntaxError) as fault:
        raise Unreadable(f"is not a readable DOCX: {fault}") from None
    return Writing(most).add_all(_paragraphs(document)).extract("docx", title)


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as fault:
        raise Unreadable(f"is not a readable archive: {fault}") from None
    if _BODY not in {part.filename for part in parts}:
        raise Unreadable("is an archive, not a document")
    unpacked = sum(part.file_size for part in parts)
    packed = max(sum(part.compress_size for part in parts), 1)
    is_bomb = unpacked > _UNSUSPECTED and unpacked / packed > _MOST_RATIO
    if len(parts) > _MOST_PARTS or unpacked > _MOST_UNPACKED or is_bomb:
        raise Unreadable("is an archive that would unpack to too much")


def _paragraphs(document: Document) -> Iterator[str]:
    """Texts stand in paragraphs alone; a row of a table is one, with its cells side by side."""
    said: list[str] = []
    for element in document.element.body.iter(_PARAGRAPH, _TEXT, _ROW, _CELL, *_BLANKS):
        tag = element.tag
        if tag == _ROW or (tag == _PARAGRAPH and not _is_within(element, _CELL)):
            yield _joined(said)
            said = []
        elif tag == _PARAGRAPH:
            said.append(" ")
        elif tag == _CELL:
            said.append(_CELL_END)
        elif not _is_within(element, _SECOND_FORM):
            said.append(_BLANKS.get(tag) or element.text or "")
    yield _joined(said)


def _joined(said: list[str]) -> str:
    return _BLANKS_IN_ROW.sub(" ", "".join(said)).strip(f"{_CELL_END}\n\t")


def _is_within(element: BaseOxmlElement, tag: str) -> bool:
    return next(element.iterancestors(tag), None) is not None
