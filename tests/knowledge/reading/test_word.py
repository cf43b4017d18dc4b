"""DOCX files are read; broken, bloated and malicious archives are refused."""

import pytest

from knowledge.reading.extracts import Unreadable
from tests.knowledge.reading.conftest import Read
from tests.knowledge.reading.documents import make_docx, make_zip, replace_member

BODY = "word/document.xml"


def test_paragraphs_and_tables_are_read(read: Read):
    rows = (("Day", "Hours"), ("Monday", "9-5"))
    extract = read("a.docx", make_docx("First.", "Second\tpart.", title="Hours", rows=rows))
    assert extract.kind == "docx"
    assert extract.title == "Hours"
    paragraphs = ["First.", "Second\tpart.", "Day | Hours", "Monday | 9-5", "The end."]
    assert extract.text.split("\n\n") == paragraphs


def test_other_archives_are_refused(read: Read):
    with pytest.raises(Unreadable, match="is an archive, not a document"):
        read("a.docx", make_zip(a_dot_txt=b"hello"))


def test_a_broken_archive_is_refused(read: Read):
    with pytest.raises(Unreadable, match="is not a readable archive"):
        read("a.docx", make_docx("whole")[:2_000])


@pytest.mark.parametrize("body", [b"", b"<a>", b"not xml", b"<w:document/>"])
def test_a_broken_document_is_refused(read: Read, body: bytes):
    with pytest.raises(Unreadable, match="is not a readable DOCX"):
        read("a.docx", replace_member(make_docx("x"), BODY, body))


def test_entities_are_not_expanded(read: Read):
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><x>&l9;</x>'
    with pytest.raises(Unreadable):
        read("a.docx", replace_member(make_docx("x"), BODY, bomb.encode()))


def test_an_archive_that_would_unpack_to_too_much_is_refused(read: Read):
    bomb = replace_member(make_docx("x"), BODY, bytes(30_000_000))
    assert len(bomb) < 100_000
    with pytest.raises(Unreadable, match="unpack to too much"):
        read("a.docx", bomb)


def test_an_archive_of_too_many_parts_is_refused(read: Read):
    parts = {f"p{number}": b"" for number in range(10_001)}
    with pytest.raises(Unreadable, match="unpack to too much"):
        read("a.docx", make_zip(word__document_dot_xml=b"<x/>", **parts))
