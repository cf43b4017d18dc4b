"""Bodies that lie on the disk: sent piece by piece, alone or as part of a form."""

from pathlib import Path

import pytest

from common.http import open_stream, send
from tests.fakes.sound import FakeSound, parts_of
from wire.http import Body, FormFile, HttpCall


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "recording.wav"
    path.write_bytes(b"RIFF" + bytes(3_000_000))
    return path


def to(sound: FakeSound, body: Body) -> HttpCall:
    sound.say("/take", {"ok": True})
    return HttpCall(method="POST", url=f"{sound.url}/take", body=body)


async def test_a_file_is_a_body(sound: FakeSound, recording: Path):
    reply = await send(to(sound, recording))
    assert (reply.status, reply.body) == (200, b'{"ok":true}')
    assert sound.calls[0].body == recording.read_bytes()
    assert sound.calls[0].headers["content-length"] == "3000004"


async def test_a_form_carries_fields_and_files_in_order(
    sound: FakeSound,
    recording: Path,
):
    file = FormFile(path=recording, name="a.wav", media_type="audio/wav")
    async with open_stream(to(sound, (("k[]", "1"), ("k[]", "ü"), ("file", file)))) as reply:
        assert b"".join([chunk async for chunk in reply.chunks]) == b'{"ok":true}'
    (call,) = sound.calls
    assert call.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert parts_of(call) == [
        ("k[]", "", b"1"),
        ("k[]", "", "ü".encode()),
        ("file", "a.wav", recording.read_bytes()),
    ]


async def test_a_name_cannot_smuggle_a_part_in(sound: FakeSound, recording: Path):
    file = FormFile(path=recording, name='a"\r\nX: y.wav')
    await send(to(sound, (("file", file),)))
    ((name, told, content),) = parts_of(sound.calls[-1])
    assert (name, content) == ("file", recording.read_bytes())
    assert told.startswith("a")
    await send(to(sound, (("text", 'a\r\n--x\r\nContent-Disposition: form-data; name="b"'),)))
    assert [name for name, _, _ in parts_of(sound.calls[-1])] == ["text"]
