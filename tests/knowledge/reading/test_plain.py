"""Text is read in whatever encoding it came; what is no text is refused."""

import pytest

from knowledge.reading.extracts import TooLong, Unreadable
from tests.knowledge.reading.conftest import Read

GERMAN = "Größe und Übermut: die schöne Straße, während der Fahrt über Köln.\n\nZweiter Absatz."
RUSSIAN = "Привет, это обычный русский текст о погоде, о городе и о людях, которые в нём живут."


def test_paragraphs_are_kept_apart(read: Read):
    text = "one\r\nstill one\r\n \r\n\r\n\r\ntwo\u2028three"
    assert read("a.txt", text).text == "one\nstill one\n\ntwo\nthree"


def test_markdown_is_text(read: Read):
    assert read("a.md", "# Head\n\n- a\n- b\n").text == "# Head\n\n- a\n- b"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"],
)
def test_western_text_is_read_in_any_encoding(read: Read, encoding: str):
    assert read("a.txt", GERMAN.encode(encoding)).text == GERMAN


def test_other_scripts_are_guessed(read: Read):
    assert read("a.txt", RUSSIAN.encode("cp1251")).text == RUSSIAN


def test_a_declared_character_set_is_believed(read: Read):
    told = read("a.txt", "žluť".encode("iso-8859-2"), media_type="text/plain; charset=iso-8859-2")
    assert told.text == "žluť"


def test_an_unknown_character_set_is_not(read: Read):
    assert read("a.txt", b"caf\xe9", media_type="text/plain; charset=nonsense").text == "café"


def test_what_no_store_takes_is_left_out(read: Read):
    padding = "words " * 100
    assert read("a.txt", f"a\x00b\x1bc {padding}\ufffe").text == f"abc {padding}".strip()


def test_binary_data_is_named_for_what_it_is(read: Read):
    png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))
    with pytest.raises(Unreadable, match="Portable Network Graphics"):
        read("holiday.txt", png)


def test_unknown_binary_data_is_refused(read: Read):
    with pytest.raises(Unreadable, match="is binary data"):
        read("a.txt", bytes(range(1, 32)) * 50)


@pytest.mark.parametrize("content", [b"", b"  \n\n ", b"\xef\xbb\xbf"])
def test_a_file_without_text_is_unreadable(read: Read, content: bytes):
    with pytest.raises(Unreadable, match="has no text in it"):
        read("a.txt", content)


@pytest.mark.parametrize("length", [101, 1_000])
def test_more_text_than_is_wanted_is_not_cut_off_but_refused(read: Read, length: int):
    with pytest.raises(TooLong, match="more than 100 characters"):
        read("a.txt", "x" * length, most=100)
