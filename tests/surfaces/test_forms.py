"""Multipart forms: read piece by piece, files to the disk, everything bounded."""

from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import Any

import pytest

from surfaces import forms
from surfaces.forms import Form, read_form
from surfaces.raw import RawRequest
from vocabulary.errors import InvalidRequest, TooLarge, UnsupportedMedia

KIND = 'multipart/form-data; boundary="b"'


@pytest.fixture(autouse=True)
def disk(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path / "tmp"


def part(name: str, content: bytes, more: str = "") -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def file(name: str, content: bytes) -> bytes:
    return part(name, content, '; filename="a.wav"\r\nContent-Type: audio/wav')


END = b"--b--\r\n"


def request(pieces: Iterable[bytes], kind: str = KIND) -> RawRequest:
    async def body() -> AsyncGenerator[bytes]:
        for piece in pieces:
            yield piece

    return RawRequest(
        method="POST",
        path="/",
        query="",
        headers={"content-type": kind},
        body=body(),
        request_id="r",
    )


async def read(*pieces: bytes, kind: str = KIND, most: int = 1000) -> Form:
    async with read_form(request(pieces, kind), most_file=most) as form:
        return form


async def test_fields_and_files_come_apart(disk: Path):
    body = part("k[]", b"1") + part("k[]", "ü".encode()) + file("file", b"RIFF\r\n--x") + END
    pieces = [body[i : i + 7] for i in range(0, len(body), 7)]
    async with read_form(request(pieces), most_file=1000) as form:
        assert form.fields == [("k[]", "1"), ("k[]", "ü")]
        upload = form.files["file"]
        assert (upload.filename, upload.media_type) == ("a.wav", "audio/wav")
        assert upload.spooled.path.read_bytes() == b"RIFF\r\n--x"
        assert upload.spooled.size == 9
    assert list(disk.iterdir()) == []


async def test_an_empty_file_is_a_file():
    form = await read(file("file", b""), END)
    assert form.files["file"].spooled.size == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"x", b"--b", part("a", b"1"), b"--b\r\n\r\n\r\n--b--\r\n", b"--c--\r\n"],
    ids=["empty", "text", "begun", "unended", "headless", "another boundary"],
)
async def test_what_is_no_form_is_refused(body: bytes, disk: Path):
    with pytest.raises(InvalidRequest):
        await read(body)
    assert not disk.exists() or list(disk.iterdir()) == []


@pytest.mark.parametrize("kind", ["", "application/json", "multipart/mixed; boundary=b", ";;"])
async def test_another_content_type_is_refused(kind: str):
    with pytest.raises(UnsupportedMedia):
        await read(END, kind=kind)


async def test_a_form_needs_a_boundary():
    with pytest.raises(InvalidRequest, match="boundary"):
        await read(END, kind="multipart/form-data")


async def test_a_file_over_its_limit_is_never_held(disk: Path):
    """The caller's rest is read, so that it sees the refusal."""
    left: list[int] = []

    def pieces() -> Iterable[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n'
        for number in range(20):
            left.append(number)
            yield bytes(600_000)

    with pytest.raises(TooLarge):
        async with read_form(request(pieces()), most_file=1_000_000):
            pass
    assert len(left) == 20
    assert list(disk.iterdir()) == []


async def test_what_is_discarded_is_bounded_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(forms, "MOST_DISCARDED", 3000)
    asked: list[int] = []

    def pieces() -> Iterable[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n'
        for number in range(1_000):
            asked.append(number)
            yield bytes(600_000)

    with pytest.raises(TooLarge):
        async with read_form(request(pieces()), most_file=500_000):
            pass
    assert len(asked) < 5


async def test_fields_are_bounded_one_by_one_and_together():
    with pytest.raises(TooLarge):
        await read(part("a", bytes(forms.MOST_FIELD + 1)), END)
    many = [part("a", b"x" * 60_000) for _ in range(20)]
    with pytest.raises(TooLarge):
        await read(*many, END)
    with pytest.raises(TooLarge):
        await read(*[part("a", b"1") for _ in range(forms.MOST_PARTS + 1)], END)


@pytest.mark.parametrize("content", [b"\xff", b"a\x00b"])
async def test_a_field_is_text(content: bytes):
    with pytest.raises(InvalidRequest) as refused:
        await read(part("model", content), END)
    assert refused.value.path == "model"


async def test_a_file_comes_once():
    with pytest.raises(InvalidRequest):
        await read(file("f", b"1"), file("f", b"2"), END)
