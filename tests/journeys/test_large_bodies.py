"""Bodies of many megabytes pass through the web process, or are refused there, in little memory."""

import contextlib
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.journeys.live import Deployment
from tests.journeys.memory import Memory

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(sys.platform != "linux", reason="memory is read as Linux tells it"),
]
MEGABYTE = 1024 * 1024
PASSED = 150.0
"""By so many megabytes of memory the web process may grow while large bodies pass through it."""
REFUSED = 60.0
"""The same while it refuses one."""
PIECE = bytes(64 * 1024)


@pytest.fixture
def memory(embedded: Deployment) -> Memory:
    memory = Memory(embedded.web_pid)
    memory.forget_peak()
    return memory


@pytest.fixture
def http(credentials: Mapping[str, str]) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {credentials['COLLOQUY_KEY']}"}
    url = credentials["COLLOQUY_URL"] + "/telnyx/v2"
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        yield client


def pieces(megabytes: int) -> Iterator[bytes]:
    for _ in range(megabytes * MEGABYTE // len(PIECE)):
        yield PIECE


def test_a_hundred_megabytes_go_in_and_come_out(http: httpx.Client, memory: Memory):
    before = memory.now
    answer = http.put("/storage/buckets/large/one.bin", content=pieces(100))
    assert answer.json()["data"]["size"] == 100 * MEGABYTE
    with http.stream("GET", "/storage/buckets/large/one.bin") as download:
        assert sum(len(piece) for piece in download.iter_raw()) == 100 * MEGABYTE
    assert memory.peak < before + PASSED


def test_eight_uploads_at_once(http: httpx.Client, memory: Memory):
    def upload(number: int) -> int:
        path = f"/storage/buckets/large/{number}.bin"
        return http.put(path, content=pieces(25)).status_code

    before = memory.now
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(upload, range(8))) == [200] * 8
    assert memory.peak < before + PASSED


@pytest.mark.parametrize("length", ["content-length: 157286400", "transfer-encoding: chunked"])
@pytest.mark.parametrize(
    "path", ["/ai/conversations", "/ai/chat/completions", "/ai/audio/transcriptions"]
)
def test_a_body_that_is_too_large_is_refused(
    credentials: Mapping[str, str], memory: Memory, path: str, length: str
):
    """Announced or not, and whoever sends it sends on while it is being refused."""
    before = memory.now
    kind = "multipart/form-data; boundary=b" if path.endswith("transcriptions") else "text/json"
    key = f"authorization: Bearer {credentials['COLLOQUY_KEY']}"
    lines = [f"POST /telnyx/v2{path} HTTP/1.1", key, f"content-type: {kind}", length]
    answer = push(credentials["COLLOQUY_URL"], lines, megabytes=150)
    assert b" 413 " in answer.partition(b"\r\n")[0]
    assert memory.peak < before + REFUSED


@pytest.mark.parametrize("path", ["/telnyx/v2/storage/buckets/large/x.bin", "/s3/large/x.bin"])
def test_six_hundred_megabytes_from_a_stranger_are_not_read(
    embedded: Deployment, memory: Memory, path: str
):
    before = memory.now
    began = time.monotonic()
    lines = [f"PUT {path} HTTP/1.1", f"content-length: {600 * MEGABYTE}"]
    answer = push(embedded.url, lines, megabytes=600)
    assert answer.split(b" ")[1] in {b"401", b"403"}
    assert time.monotonic() - began < 5
    assert memory.peak < before + REFUSED
    assert not [file for file in Path(embedded.env["DATA_DIR"]).glob("tmp/*") if file.is_file()]


def push(url: str, lines: list[str], megabytes: int) -> bytes:
    """Write on and on, as far as the server lets us; what it answered."""
    is_chunked = "transfer-encoding: chunked" in lines
    piece = b"%x\r\n%s\r\n" % (len(PIECE), PIECE) if is_chunked else PIECE
    place = urlsplit(url)
    head = "\r\n".join([*lines, f"host: {place.netloc}", "", ""])
    with socket.create_connection(("127.0.0.1", place.port), timeout=20) as line:
        line.sendall(head.encode())
        with contextlib.suppress(OSError):
            for _ in range(megabytes * MEGABYTE // len(PIECE)):
                line.sendall(piece)
        with contextlib.suppress(OSError):
            return line.recv(64 * 1024)
    return b""
