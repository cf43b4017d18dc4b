"""What kind a file is: told by its content first, its name and type only where that is open."""

import pytest

from knowledge.reading.kinds import find_medium, is_recording

MP3_FRAME = b"\xff\xfb\x90\x64" + bytes(100)


@pytest.mark.parametrize(
    ("head", "medium"),
    [
        (b"%PDF-1.7\n", "pdf"),
        (b"\n\n%PDF-1.4", "pdf"),
        (b"PK\x03\x04rest", "zip"),
        (b"ID3\x04\x00", "audio"),
        (MP3_FRAME, "audio"),
        (b"fLaC\x00", "audio"),
        (b"OggS\x00", "audio"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio"),
        (b"\xff\xf1\x50\x80" + bytes(9), "audio"),
        (b"\x00\x00\x00\x20ftypM4A \x00", "audio"),
        (b"\x00\x00\x00\x20ftypisom\x00", "video"),
        (b"\x1a\x45\xdf\xa3\x01", "video"),
        (b"\x00\x00\x01\xba\x44", "video"),
        (b"<!DOCTYPE html><p>x", "html"),
        (b"  <!-- a note -->\n<HTML>", "html"),
        (b'\xef\xbb\xbf {"a": 1}', "json"),
        (b"[1, 2]", "json"),
        (b"Dear all,", "text"),
        (b"", "text"),
    ],
)
def test_content_tells_what_a_file_is(head: bytes, medium: str):
    assert find_medium(head, "", "") == medium


@pytest.mark.parametrize("name", ["song.mp3", "report.pdf", "letter.docx", "page.html", "x.csv"])
def test_content_wins_over_the_name(name: str):
    assert find_medium(b"%PDF-1.7", name, "text/plain") == "pdf"


def test_a_name_or_a_type_tells_kinds_of_text_apart():
    assert find_medium(b"a,b\n1,2", "Prices.CSV", "") == "csv"
    assert find_medium(b"a,b\n1,2", "export", "text/csv; charset=utf-8") == "csv"
    assert find_medium(b"<p>Hello", "page.htm", "") == "html"


def test_no_name_makes_text_a_recording_or_a_pdf():
    assert find_medium(b"hello", "song.mp3", "audio/mpeg") == "text"
    assert find_medium(b"hello", "paper.pdf", "application/pdf") == "text"


@pytest.mark.parametrize("mark", ["utf-16", "utf-32"])
def test_the_mark_of_wide_text_is_no_sound(mark: str):
    assert not is_recording("hello".encode(mark))


def test_a_picture_in_a_film_s_container_is_no_recording():
    assert not is_recording(b"\x00\x00\x00\x18ftypheic\x00")
