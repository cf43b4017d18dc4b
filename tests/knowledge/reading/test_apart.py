"""Files as somebody would make them who wants to do harm: each is refused, or contained."""

import asyncio
import json
import os
import subprocess
import time
import zlib
from pathlib import Path

import pytest

from common import programs
from common.programs import Limits
from knowledge.reading.apart import extract_apart
from knowledge.reading.extracts import Extract, TooLong, Unreadable
from tests.knowledge.reading.conftest import Write
from tests.knowledge.reading.documents import make_docx, make_pdf, replace_member
from tests.knowledge.reading.test_articles import ARTICLE

SMALL = Limits(memory=256 << 20, seconds=2, patience=10)


async def reading(path: Path, name: str = "", **options: object) -> Extract:
    return await extract_apart(path, name=name or path.name, limits=SMALL, **options)


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("a.txt", "Grüße\n\nzwei".encode(), "Grüße\n\nzwei"),
        ("a.html", b"<html><p>one<p>two", "one\n\ntwo"),
        ("a.json", b'{"a": "b"}', "a: b"),
        ("a.csv", b"a,b\nx,y", "a: x\nb: y"),
        ("a.pdf", make_pdf("words"), "words"),
        ("a.docx", make_docx("words"), "words\n\nThe end."),
    ],
)
async def test_another_process_reads_the_same(write: Write, name: str, content: bytes, text: str):
    assert (await reading(write(name, content))).text == text


async def test_sections_and_titles_come_through(write: Write):
    extract = await reading(write("a.json", json.dumps(ARTICLE)))
    assert extract.title == "Returns"
    assert [section.heading for section in extract.sections] == ["Returns"] * 3


async def test_reasons_come_through(write: Write):
    with pytest.raises(TooLong, match="more than 3 characters"):
        await reading(write("a.txt", "four"), most=3)
    with pytest.raises(Unreadable, match="not a readable PDF"):
        await reading(write("a.pdf", "%PDF-1.4 nothing more"))


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "a\x00b.txt", "-c.txt", "$(reboot).md", "\ud800.txt", "x" * 9_999],
)
async def test_a_name_is_only_a_name(write: Write, name: str):
    assert (await reading(write("stored", "hello, you"), name)).text.endswith("hello, you")


async def test_a_reader_that_takes_too_long_is_ended(write: Write):
    """Building a tree from this takes minutes."""
    page = "<html><p " + " ".join(f"a{number}=1" for number in range(200_000)) + ">x"
    with pytest.raises(Unreadable, match="took too long"):
        await extract_apart(write("a.html", page), name="a.html", limits=Limits(seconds=1))


async def test_a_reader_that_waits_too_long_is_ended(write: Write):
    began = time.monotonic()
    with pytest.raises(Unreadable, match="took too long"):
        await extract_apart(
            write("a.txt", "x"), name="a.txt", limits=Limits(seconds=60, patience=0.001)
        )
    assert time.monotonic() - began < 5


async def test_a_reader_that_needs_too_much_memory_is_ended(write: Write):
    objects = "[" + '{"a": 1},' * 2_000_000 + "1]"
    with pytest.raises(Unreadable, match="needs too much memory"):
        await reading(write("a.json", objects))


async def test_a_file_over_the_limit_is_not_opened(tmp_path: Path):
    path = tmp_path / "large.txt"
    path.touch()
    os.truncate(path, 100_000_001)
    with pytest.raises(TooLong, match="larger than 100 MB"):
        await reading(path)


async def test_a_document_that_unpacks_to_much_is_refused(write: Write):
    bomb = replace_member(make_docx("x"), "word/media/image.png", b"")
    bomb = replace_member(bomb, "word/document.xml", bytes(60_000_000))
    with pytest.raises(Unreadable, match="unpack to too much"):
        await reading(write("bomb.docx", bomb))


def _pdf(*objects: bytes) -> bytes:
    """A PDF of these objects, the first being its catalog; readers find the rest by searching."""
    parts = [b"%d 0 obj\n%b\nendobj\n" % (n, body) for n, body in enumerate(objects, start=1)]
    return b"%PDF-1.4\n" + b"".join(parts) + b"trailer << /Root 1 0 R >>\n%%EOF"


def _stream(packed: bytes) -> bytes:
    return b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(packed), packed)


CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>"
ONE_PAGE = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
BOMBS = {
    "more pages than there are": _pdf(
        CATALOG, b"<< /Type /Pages /Kids [3 0 R] /Count 2000000000 >>", PAGE
    ),
    "pages in a circle": _pdf(CATALOG, b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9 >>"),
    "a tree without end": _pdf(CATALOG, b"<< /Kids " + b"[" * 200_000),
    "a reference to itself": _pdf(b"<< /Type /Catalog /Pages 1 0 R >>"),
    "a stream that grows a thousandfold": _pdf(
        CATALOG, ONE_PAGE, PAGE, _stream(zlib.compress(bytes(300_000_000), 9))
    ),
    "operands nested without end": _pdf(
        CATALOG, ONE_PAGE, PAGE, _stream(zlib.compress(b"[" * 5_000_000, 9))
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
async def test_a_bomb_of_a_pdf_is_refused(write: Write, bomb: str):
    with pytest.raises(Unreadable):
        await reading(write("bomb.pdf", BOMBS[bomb]))


async def test_a_cancelled_reader_is_gone(write: Write):
    page = "<html><p " + " ".join(f"a{number}=1" for number in range(200_000)) + ">x"
    task = asyncio.create_task(reading(write("a.html", page)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_reader_knows_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch, write: Write):
    seen = {}
    start = subprocess.Popen

    def spy(*args: object, **options: dict[str, str]) -> "subprocess.Popen[bytes]":
        seen.update(options["env"])
        return start(*args, **options)

    monkeypatch.setenv("SECRET_KEY", "hidden")
    monkeypatch.setattr(programs.subprocess, "Popen", spy)
    await reading(write("a.txt", "x"))
    assert seen
    assert "hidden" not in seen.values()
