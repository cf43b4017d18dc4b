"""Files through the server: whole, in part, on conditions, by link, and never dangerous."""

import hashlib
from base64 import b64encode
from datetime import timedelta
from typing import Any

import httpx
import pytest

from common import clock
from common.db import in_thread
from files import links, queries, services
from organisations.services import create_api_key
from tests.surfaces.world import World

BUCKETS = "/telnyx/v2/storage/buckets"
OBJECT = f"{BUCKETS}/papers/notes/a%20b.txt"
DATA = b"0123456789"


@pytest.fixture
async def call(server: httpx.AsyncClient, our_world: World) -> Any:
    async def ask(method: str, path: str, content: bytes = b"", **headers: Any) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await server.request(
            method, path, content=content, headers={**our_world.bearer, **named}
        )

    return ask


async def test_a_file_goes_in_and_out(call: Any):
    put = await call("PUT", OBJECT, DATA, content_type="text/x-notes", x_meta_by="Zoë".encode())
    assert put.status_code == 200, put.text
    stored = put.json()["data"]
    assert stored["path"] == "notes/a b.txt"
    assert stored["sha256"] == hashlib.sha256(DATA).hexdigest()
    assert stored["metadata"] == {"by": "Zoë"}
    got = await call("GET", OBJECT)
    assert (got.status_code, got.content) == (200, DATA)
    assert got.headers["content-type"] == "text/x-notes"
    assert got.headers["content-length"] == "10"
    assert got.headers["etag"] == f'"{stored["etag"]}"'
    assert got.headers["accept-ranges"] == "bytes"
    assert got.headers["last-modified"].endswith(" GMT")
    head = await call("HEAD", OBJECT)
    assert (head.status_code, head.content) == (200, b"")
    same = got.headers.keys() - {"x-request-id"}
    assert {name: head.headers[name] for name in same} == {name: got.headers[name] for name in same}
    assert (await call("DELETE", OBJECT)).status_code == 200
    for method in ("GET", "HEAD", "DELETE"):
        assert (await call(method, OBJECT)).status_code == 404


async def test_a_part_of_a_file(call: Any):
    await call("PUT", OBJECT, DATA)
    part = await call("GET", OBJECT, range="bytes=2-4")
    assert (part.status_code, part.content) == (206, b"234")
    assert part.headers["content-range"] == "bytes 2-4/10"
    assert part.headers["content-length"] == "3"
    beyond = await call("GET", OBJECT, range="bytes=10-")
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, "bytes */10")
    stale = await call("GET", OBJECT, range="bytes=2-4", if_range='"old"')
    assert (stale.status_code, stale.content) == (200, DATA)


async def test_conditions_of_readers_and_writers(call: Any):
    first = await call("PUT", OBJECT, DATA, if_none_match="*")
    etag = f'"{first.json()["data"]["etag"]}"'
    known = await call("GET", OBJECT, if_none_match=etag)
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", etag)
    assert (await call("PUT", OBJECT, b"x", if_none_match="*")).status_code == 412
    assert (await call("PUT", OBJECT, b"x", if_match='"other"')).status_code == 412
    assert (await call("GET", OBJECT)).content == DATA
    assert (await call("PUT", OBJECT, b"x", if_match=etag)).status_code == 200
    assert (await call("GET", OBJECT, if_match=etag)).status_code == 412


async def test_a_page_with_a_script_is_contained(call: Any):
    await call("PUT", f"{BUCKETS}/papers/evil.html", b"<script>alert(1)</script>")
    got = await call("GET", f"{BUCKETS}/papers/evil.html")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"].startswith("sandbox")
    assert got.headers["content-disposition"] == 'attachment; filename="evil.html"'


@pytest.mark.parametrize(
    "path",
    ["a//b", "%2e%2e/b", "a/%2e%2e/b", "a/%2e/b", "a%00b", "a%0ab", "a/", "x" * 1025, "%ff"],
)
async def test_a_path_that_is_none_is_refused_by_name(path: str, call: Any):
    answer = await call("PUT", f"{BUCKETS}/papers/{path}", DATA)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["source"] == {"pointer": "/path"}


@pytest.mark.parametrize("bucket", ["Ab", "192.168.0.1", "a_b", "..", "ab-"])
async def test_a_bucket_that_is_none_is_refused_by_name(bucket: str, call: Any):
    for answer in (
        await call("PUT", f"{BUCKETS}/{bucket}/a", DATA),
        await call("PUT", f"{BUCKETS}/{bucket}"),
    ):
        if answer.status_code not in {404, 405}:  # `..` was taken away on the way here
            assert answer.status_code == 422, answer.text
            assert answer.json()["errors"][0]["source"] == {"pointer": "/bucket"}


async def test_bytes_that_were_changed_on_the_way_are_refused(call: Any):
    right = b64encode(hashlib.md5(DATA).digest()).decode()
    for digest, status in ((right, 200), (b64encode(b"x" * 16).decode(), 422), ("?", 422)):
        assert (await call("PUT", OBJECT, DATA, content_md5=digest)).status_code == status


@pytest.mark.parametrize(
    "headers", [{"content_type": "ä"}, {"x_meta_by": "\xff"}, {"x_meta_": "x"}]
)
async def test_bad_headers_are_refused(headers: dict[str, str], call: Any):
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = await call("PUT", OBJECT, DATA, **raw)
    assert answer.status_code == 422, answer.text


async def test_a_file_beyond_the_quota_is_not_even_read_to_its_end(call: Any, settings: Any):
    settings.STORAGE_QUOTA_BYTES = 100
    answer = await call("PUT", OBJECT, b"x" * 101)
    assert answer.status_code == 413
    assert (await call("GET", OBJECT)).status_code == 404


async def test_lists_go_page_by_page(call: Any):
    for path in ("a/2", "b", "a/1", "a/3"):
        await call("PUT", f"{BUCKETS}/pages/{path}", DATA)
    seen, after = [], ""
    while after is not None:
        page = (await call("GET", f"{BUCKETS}/pages?prefix=a/&limit=2&after={after}")).json()
        seen.append([row["path"] for row in page["data"]])
        after = page["meta"]["next_after"]
    assert seen == [["a/1", "a/2"], ["a/3"]]
    bucket = next(b for b in (await call("GET", BUCKETS)).json()["data"] if b["name"] == "pages")
    assert (bucket["object_count"], bucket["size"]) == (4, 40)
    assert (await call("DELETE", f"{BUCKETS}/pages")).status_code == 409


async def test_a_bucket_of_the_same_name_is_another_s(
    server: httpx.AsyncClient, our_world: World, their_world: World
):
    path = f"{BUCKETS}/shared/a"
    theirs = await server.put(path, content=b"theirs", headers=their_world.bearer)
    assert theirs.status_code == 200
    for address in (path, f"{BUCKETS}/shared"):
        assert (await server.get(address, headers=our_world.bearer)).status_code == 404
    await server.put(path, content=b"ours", headers=our_world.bearer)
    assert (await server.get(path, headers=our_world.bearer)).content == b"ours"
    assert (await server.get(path, headers=their_world.bearer)).content == b"theirs"


async def test_a_key_that_may_only_read_does_not_write(server: httpx.AsyncClient, our_world: World):
    _, token = await in_thread(create_api_key, our_world.actor, scopes=["read"])
    headers = {"authorization": f"Bearer {token.reveal()}"}
    there = f"{BUCKETS}/{our_world.ids['bucket']}/{our_world.ids['object']}"
    assert (await server.get(there, headers=headers)).status_code == 200
    for method in ("PUT", "DELETE"):
        assert (await server.request(method, there, headers=headers)).status_code == 403


# -- links --------------------------------------------------------------------------------------
def _token(world: World, minutes: float) -> str:
    stored = queries.get_object(world.actor, world.ids["bucket"], world.ids["object"])
    until = clock.now() + timedelta(minutes=minutes)
    return links.sign(
        stored.blob_id, filename="räport.csv", content_type="text/csv", expires_at=until
    )


async def test_a_signed_link_needs_no_key(server: httpx.AsyncClient, our_world: World):
    path = f"/files/{await in_thread(_token, our_world, 1)}"
    got = await server.get(path)
    assert (got.status_code, got.content) == (200, b"The lamp is broken.")
    assert got.headers["content-type"] == "text/csv"
    assert got.headers["content-disposition"].startswith("attachment; filename")
    assert got.headers["content-security-policy"].startswith("sandbox")
    part = await server.get(path, headers={"range": "bytes=-7"})
    assert (part.status_code, part.content) == (206, b"broken.")
    assert (await server.get(path, headers={"range": "bytes=99-"})).status_code == 416
    assert (await server.head(path)).headers["content-length"] == "19"


async def test_a_link_that_is_over_is_gone_and_a_wrong_one_unknown(
    server: httpx.AsyncClient, our_world: World
):
    assert (await server.get(f"/files/{await in_thread(_token, our_world, -1)}")).status_code == 410
    assert (await server.get("/files/nonsense")).status_code == 404
    token = await in_thread(_token, our_world, 1)
    await in_thread(
        services.delete_object, our_world.actor, our_world.ids["bucket"], our_world.ids["object"]
    )
    assert (await server.get(f"/files/{token}")).status_code == 200, "its readers have a while"
