"""PDFs are read page by page; scans, locked and broken ones are refused with the reason."""

import pytest

from knowledge.reading import pdf
from knowledge.reading.extracts import TooLong, Unreadable
from tests.knowledge.reading.conftest import Read
from tests.knowledge.reading.documents import make_pdf


def test_the_pages_are_read_in_order(read: Read):
    extract = read("a.bin", make_pdf("First page.", "Second page: Größe.", title="On pages"))
    assert extract.kind == "pdf"
    assert extract.title == "On pages"
    assert extract.text == "First page.\n\nSecond page: Größe."


def test_a_scan_has_no_text(read: Read):
    with pytest.raises(Unreadable, match="has no text"):
        read("a.pdf", make_pdf("", ""))


def test_a_password_is_said(read: Read):
    with pytest.raises(Unreadable, match="password"):
        read("a.pdf", make_pdf("secret", password="pw"))


def test_a_broken_file_is_refused(read: Read):
    with pytest.raises(Unreadable, match="is not a readable PDF"):
        read("a.pdf", make_pdf("whole")[:200])


def test_pages_are_bounded(read: Read, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf, "MOST_PAGES", 2)
    with pytest.raises(TooLong, match="more than 2 pages"):
        read("a.pdf", make_pdf("1", "2", "3"))
