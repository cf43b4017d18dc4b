"""What somebody with bad intentions sends: it is refused or contained, with a clear reason, and the
server stays well."""

import contextlib
import http.client
import sys
import time
import zlib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.journeys.live import Deployment
from tests.journeys.memory import Memory
from tests.knowledge.reading.documents import make_docx, make_zip, replace_member

pytestmark = pytest.mark.journey
BUCKET = "hostile"
PATIENCE = 180.0
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def pdf(packed: bytes) -> bytes:
    """One page, whose content is this compressed stream."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(packed), packed),
    ]
    objects = [b"%d 0 obj\n%b\nendobj\n" % (n, part) for n, part in enumerate(parts, start=1)]
    return b"%PDF-1.4\n" + b"".join(objects) + b"trailer << /Root 1 0 R >>\n%%EOF"


def entities() -> bytes:
    """A few lines of XML that would be a gigabyte of text."""
    lines = ['<!ENTITY a "lol">']
    names = "abcdefghijk"
    lines += [f'<!ENTITY {n} "{f"&{m};" * 10}">' for m, n in pairwise(names)]
    name_space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f'<w:document xmlns:w="{name_space}"><w:body><w:p><w:r><w:t>&k;</w:t></w:r></w:p>'
    return f"<!DOCTYPE x [{''.join(lines)}]>{body}</w:body></w:document>".encode()


FILES = {
    "bomb.docx": replace_member(make_docx("x"), "word/document.xml", bytes(60_000_000)),
    "entities.docx": replace_member(make_docx("x"), "word/document.xml", entities()),
    "bomb.pdf": pdf(zlib.compress(bytes(300_000_000), 9)),
    "nested.pdf": pdf(zlib.compress(b"[" * 5_000_000, 9)),
    "archive.docx": make_zip(payload_dot_exe=b"MZ" + bytes(1000)),
    "picture.pdf": PICTURE,
    "program.txt": b"\x7fELF" + bytes(range(256)) * 64,
    "deep.json": b"[" * 300_000,
    "noise.mp3": b"ID3\x04" + bytes(range(256)) * 64,
    "endless.wav": b"RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80>\x00\x00",
    "film.mp4": b"\x00\x00\x00\x18ftypisom" + bytes(5000),
    "empty.pdf": b"",
}
SCRIPT = b"<html><script>fetch('/admin/')</script>Hello</html>"


@pytest.fixture
def http_client(credentials: Mapping[str, str]) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {credentials['COLLOQUY_KEY']}"}
    url = credentials["COLLOQUY_URL"] + "/telnyx/v2"
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        yield client


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read as Linux tells it")
def test_files_that_harm_their_reader_fail_one_by_one_with_a_reason(
    http_client: httpx.Client, embedded: Deployment
):
    memory = Memory(embedded.web_pid)
    memory.forget_peak()
    before = memory.now
    files = {**FILES, "page.html": SCRIPT}
    for path, content in files.items():
        put = http_client.put(f"/storage/buckets/{BUCKET}/{path}", content=content)
        assert put.status_code == 200, put.text
    task = ended(http_client)
    states = {
        row["filename"]: row
        for row in http_client.get(f"/ai/embeddings/buckets/{BUCKET}").json()["data"]
    }
    assert states.pop("page.html")["status"] == "embedded"
    for path, state in states.items():
        assert (path, state["status"]) == (path, "failed")
        assert 5 < len(state["error_reason"]) < 300 and "Traceback" not in state["error_reason"]
    assert (task["status"], task["failed"]) == ("partial_success", len(FILES)), task
    told = http_client.post("/ai/summarize", json={"bucket": BUCKET, "filename": "bomb.docx"})
    assert told.status_code == 422, told.text
    assert memory.peak < before + 200


def ended(client: httpx.Client) -> dict[str, Any]:
    task = client.post("/ai/embeddings", json={"bucket_name": BUCKET}).json()["data"]
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and not task["finished_at"]:
        time.sleep(0.05)
        task = client.get(f"/ai/embeddings/{task['task_id']}").json()["data"]
    return dict(task)


@pytest.mark.parametrize(
    "path",
    [
        "../../etc/passwd",
        "a/../../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "a/%2e%2e%2fsecret",
        "/etc/passwd",
        "%2fetc/passwd",
        "a%00.txt",
        "a%0d%0ax-header:%20b",
        "%ff%fe",
        "a//b",
        "a" * 1025,
        "%f0%9f%92%a9" * 300,
        "b/" * 20_000,
    ],
    ids=lambda path: path[:24],
)
@pytest.mark.parametrize("method", ["PUT", "GET", "DELETE"])
def test_no_path_leads_out_of_its_bucket(credentials: Mapping[str, str], method: str, path: str):
    """Sent as it is: clients tidy paths up."""
    place = urlsplit(credentials["COLLOQUY_URL"])
    with contextlib.closing(http.client.HTTPConnection(place.hostname, place.port)) as line:
        line.putrequest(method, f"/telnyx/v2/storage/buckets/{BUCKET}/{path}", skip_host=True)
        line.putheader("host", place.netloc)
        line.putheader("authorization", f"Bearer {credentials['COLLOQUY_KEY']}")
        line.putheader("content-length", "1" if method == "PUT" else "0")
        line.endheaders(b"x" if method == "PUT" else b"")
        answer = line.getresponse()
        said = answer.read()
    assert answer.status == 422 or (method != "PUT" and answer.status == 404), said
    assert b"root:" not in said


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "a\0b"])
def test_a_file_s_name_in_a_body_leads_nowhere_either(http_client: httpx.Client, name: str):
    for path, body in {
        "/ai/summarize": {"bucket": BUCKET, "filename": name},
        "/ai/fine_tuning/jobs": {"model": "builtin/minilm", "training_file": name},
        "/ai/embeddings": {"bucket_name": name},
        "/ai/embeddings/url": {"bucket_name": BUCKET, "url": name},
    }.items():
        answer = http_client.post(path, json=body)
        assert answer.status_code in {400, 404, 422}, (path, answer.text)
    form = {"model": (None, "distil-whisper/distil-large-v2"), "file_url": (None, name)}
    answer = http_client.post("/ai/audio/transcriptions", files=form)
    assert answer.status_code in {400, 422}, answer.text


def test_a_page_with_scripts_is_handed_out_as_a_file(http_client: httpx.Client):
    http_client.put(f"/storage/buckets/{BUCKET}/script.html", content=SCRIPT)
    page = http_client.get(f"/storage/buckets/{BUCKET}/script.html")
    assert page.content == SCRIPT
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["content-security-policy"].startswith("sandbox")
    assert page.headers["content-disposition"].startswith("attachment")


def test_the_server_is_well_afterwards(http_client: httpx.Client, embedded: Deployment):
    assert httpx.get(f"{embedded.url}/readyz").status_code == 200
    said = {"messages": [{"role": "user", "content": "hello"}]}
    assert http_client.post("/ai/chat/completions", json=said).status_code == 200
