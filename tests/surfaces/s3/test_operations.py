"""What the operations do at their edges; `tests/journeys/sdks/boto3` has them in their middle."""

import asyncio
import re
from typing import Final

import httpx
import pytest

from organisations.actor import Actor
from tests.surfaces.s3.signer import Client, code_of, raw_url

COMPLETE: Final = "<CompleteMultipartUpload>{}</CompleteMultipartUpload>"
PART: Final = "<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>"


@pytest.fixture
async def box(s3: Client) -> str:
    await s3("PUT", "/s3/box")
    return "/s3/box"


def _texts(answer: httpx.Response, tag: str) -> list[str]:
    return re.findall(f"<{tag}>([^<]*)</{tag}>", answer.text)


async def _start(s3: Client, path: str) -> dict[str, str]:
    answer = await s3("POST", path, {"uploads": ""})
    return {"uploadId": _texts(answer, "UploadId")[0]}


async def test_keys_may_be_unusual_but_not_everything(s3: Client, box: str):
    good = ["a%20b", "a%2Fb", "na%C3%AFve", "x%2By", "%F0%9F%92%A9", "%3F%23%25", "%20a%20", "~!"]
    for key in good:
        put = await s3("PUT", f"{box}/{key}", body=key.encode())
        assert put.status_code == 200, key
        assert (await s3("GET", f"{box}/{key}")).content == key.encode()
    listed = await s3("GET", box, {"list-type": "2", "encoding-type": "url"})
    assert len(_texts(listed, "Key")) == len(good)
    for key in ("dir/", "a//b", "/a", "%2E%2E/x", "a/%2E/b", "a%0Ab", "%00", "%FF"):
        for sent in ({}, {"x-amz-copy-source": "box/a%20b"}):
            put = await s3("PUT", f"{box}/{key}", headers=sent)
            assert (put.status_code, code_of(put)) == (400, "InvalidArgument"), key
        got = await s3("GET", f"{box}/{key}")
        assert got.status_code in {400, 404} and code_of(got) in {"NoSuchKey", "InvalidArgument"}
    gone = await s3(
        "POST", box, {"delete": ""}, body=b"<Delete><Object><Key> a </Key></Object></Delete>"
    )
    assert _texts(gone, "Key") == [" a "]
    assert (await s3("HEAD", f"{box}/%20a%20")).status_code == 404
    assert (await s3("PUT", f"{box}/{'k' * 1025}")).status_code == 400


async def test_errors_are_documents_but_for_head(s3: Client, box: str, server: httpx.AsyncClient):
    for path in (f"{box}/no", "/s3/nobox", "/s3/nobox/k"):
        head = await s3("HEAD", path)
        assert (head.status_code, head.content) == (404, b"")
    for method in ("PATCH", "OPTIONS"):
        answer = await s3(method, f"{box}/k")
        assert (answer.status_code, code_of(answer)) == (405, "MethodNotAllowed")
    assert code_of(await s3("POST", "/s3/")) == "MethodNotAllowed"
    odd = await s3("GET", "/s3//k")
    assert (odd.status_code, code_of(odd)) == (404, "NoSuchKey")
    assert odd.headers["x-request-id"]
    nobody = await server.get(raw_url("/s3//k"))
    assert nobody.status_code == 403 and code_of(nobody)
    assert code_of(await s3("GET", f"{box}/no")) == "NoSuchKey"
    assert code_of(await s3("PUT", "/s3/Not_a_name")) == "InvalidBucketName"
    await s3("PUT", f"{box}/k", body=b"hello")
    beyond = await s3("GET", f"{box}/k", headers={"range": "bytes=9-"})
    assert code_of(beyond) == "InvalidRange" and beyond.headers["content-range"] == "bytes */5"


async def test_what_is_not_done_is_not_said_to_be(s3: Client, box: str):
    await s3("PUT", f"{box}/k", body=b"x")
    asks = [
        ("PUT", box, {"versioning": ""}, {}),
        ("PUT", box, {"policy": ""}, {}),
        ("GET", box, {"acl": ""}, {}),
        ("DELETE", box, {"lifecycle": ""}, {}),
        ("DELETE", box, {"uploads": ""}, {}),
        ("POST", box, {}, {}),
        ("POST", f"{box}/k", {}, {}),
        ("GET", f"{box}/k", {"versionId": "x"}, {}),
        ("GET", f"{box}/k", {"attributes": ""}, {}),
        ("GET", f"{box}/k", {"partNumber": "2"}, {}),
        ("DELETE", f"{box}/k", {"tagging": ""}, {}),
        ("PUT", f"{box}/k", {"partNumber": "1"}, {}),
        ("PUT", f"{box}/k", {"uploads": ""}, {}),
        ("PUT", f"{box}/k", {}, {"x-amz-acl": "public-read"}),
        ("PUT", f"{box}/k", {}, {"x-amz-storage-class": "GLACIER"}),
        ("PUT", f"{box}/k", {}, {"x-amz-server-side-encryption": "AES256"}),
        ("PUT", f"{box}/k", {}, {"x-amz-tagging": "a=b"}),
        ("PUT", f"{box}/k", {}, {"x-amz-write-offset-bytes": "1"}),
        ("PUT", box, {}, {"x-amz-bucket-object-lock-enabled": "true"}),
    ]
    for method, path, words, headers in asks:
        answer = await s3(method, path, words, headers=headers)
        assert answer.status_code in {405, 501}, (method, path, words, headers, answer.text)
    taken = {"x-amz-acl": "private", "x-amz-storage-class": "STANDARD"}
    assert (await s3("PUT", f"{box}/k", body=b"y", headers=taken)).status_code == 200
    assert (await s3("GET", f"{box}/k", {"partNumber": "1"})).content == b"y"
    assert _texts(await s3("GET", box, {"uploads": ""}), "IsTruncated") == ["false"]
    assert _texts(await s3("GET", "/s3/", {"prefix": "c"}), "Name") == []


async def test_an_answer_s_headers_may_be_chosen(s3: Client, box: str):
    await s3("PUT", f"{box}/k.html", body=b"<script>", headers={"content-type": "text/html"})
    words = {
        "response-content-type": "text/plain; charset=utf-8",
        "response-content-disposition": 'inline; filename="x.txt"',
        "response-cache-control": "no-store",
    }
    got = await s3("GET", f"{box}/k.html", words)
    assert [got.headers[name.removeprefix("response-")] for name in words] == [*words.values()]
    assert got.headers["content-security-policy"].startswith("sandbox")
    assert got.headers["x-content-type-options"] == "nosniff"
    split = await s3("GET", f"{box}/k.html", {"response-expires": "0\r\nset-cookie: a=b"})
    assert code_of(split) == "InvalidArgument" and "set-cookie" not in split.headers


async def test_metadata_travels_and_is_bounded(s3: Client, box: str):
    put = await s3("PUT", f"{box}/k", headers={"x-amz-meta-by": "Ann", "content-type": "a/b"})
    assert put.status_code == 200
    head = await s3("HEAD", f"{box}/k")
    assert (head.headers["x-amz-meta-by"], head.headers["content-type"]) == ("Ann", "a/b")
    large = await s3("PUT", f"{box}/k", headers={"x-amz-meta-by": "x" * 2100})
    assert code_of(large) == "InvalidArgument"


async def test_a_copy_depends_on_its_source(s3: Client, box: str):
    etag = (await s3("PUT", f"{box}/a", body=b"hello")).headers["etag"]
    named = {"x-amz-copy-source": "box/a"}
    right = {**named, "x-amz-copy-source-if-match": etag}
    assert (await s3("PUT", f"{box}/b", headers=right)).status_code == 200
    for wrong in (
        {**named, "x-amz-copy-source-if-match": '"0"'},
        {**named, "x-amz-copy-source-if-none-match": etag},
        {**named, "x-amz-copy-source-if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT"},
        {**named, "if-none-match": "*"},
    ):
        assert code_of(await s3("PUT", f"{box}/b", headers=wrong)) == "PreconditionFailed"
    odd = {**named, "x-amz-metadata-directive": "MERGE"}
    assert code_of(await s3("PUT", f"{box}/b", headers=odd)) == "InvalidArgument"
    gone = {"x-amz-copy-source": "box/no"}
    assert code_of(await s3("PUT", f"{box}/b", headers=gone)) == "NoSuchKey"


async def test_parts_are_numbered_listed_and_those_of_their_upload(s3: Client, box: str):
    key = f"{box}/k"
    upload = await _start(s3, key)
    for number in ("0", "10001", "-1", "x", ""):
        part = await s3("PUT", key, {**upload, "partNumber": number}, body=b"x")
        assert code_of(part) == "InvalidArgument", number
    assert code_of(await s3("PUT", key, upload, body=b"x")) == "InvalidArgument"
    for number in ("1", "3", "10000"):
        assert (await s3("PUT", key, {**upload, "partNumber": number}, body=b"x")).is_success
    first = await s3("GET", key, {**upload, "max-parts": "2"})
    assert _texts(first, "PartNumber") == ["1", "3"]
    assert _texts(first, "IsTruncated") == ["true"]
    marker = {"part-number-marker": _texts(first, "NextPartNumberMarker")[0]}
    assert _texts(await s3("GET", key, {**upload, **marker}), "PartNumber") == ["10000"]
    copied = {"x-amz-copy-source": "box/k2", "x-amz-copy-source-range": "bytes=1-2"}
    await s3("PUT", f"{box}/k2", body=b"hello")
    part = await s3("PUT", key, {**upload, "partNumber": "2"}, headers=copied)
    assert _texts(part, "ETag")
    copied["x-amz-copy-source-range"] = "all"
    part = await s3("PUT", key, {**upload, "partNumber": "2"}, headers=copied)
    assert code_of(part) == "InvalidArgument"
    for elsewhere in (f"{box}/other", "/s3/nobox/k"):
        part = await s3("PUT", elsewhere, {**upload, "partNumber": "1"}, body=b"x")
        assert code_of(part) == "NoSuchUpload"
        assert code_of(await s3("DELETE", elsewhere, upload)) == "NoSuchUpload"
    assert code_of(await s3("GET", key, {"uploadId": "x"})) == "NoSuchUpload"


async def test_uploads_are_listed_page_by_page(s3: Client, box: str):
    started = [(await _start(s3, f"{box}/{key}"))["uploadId"] for key in ("a", "a", "b/c", "b/d")]
    found, marker = list[str](), dict[str, str]()
    for _ in range(4):
        page = await s3("GET", box, {"uploads": "", "max-uploads": "1", **marker})
        found += _texts(page, "UploadId")
        marker = {
            "key-marker": _texts(page, "NextKeyMarker")[0],
            "upload-id-marker": _texts(page, "NextUploadIdMarker")[0],
        }
    assert sorted(found) == sorted(started) and _texts(page, "IsTruncated") == ["false"]
    below = await s3("GET", box, {"uploads": "", "prefix": "b/"})
    assert _texts(below, "Key") == ["b/c", "b/d"]
    odd = await s3("GET", box, {"uploads": "", "key-marker": "a", "upload-id-marker": "x"})
    assert code_of(odd) == "InvalidArgument"


async def test_an_upload_is_completed_once_however_many_try(s3: Client, box: str):
    key = f"{box}/k"
    upload = await _start(s3, key)
    etag = (await s3("PUT", key, {**upload, "partNumber": "1"}, body=b"hello")).headers["etag"]
    body = COMPLETE.format(PART.format(1, etag)).encode()
    for wrong, code in ((b"<x/>", "MalformedXML"), (COMPLETE.format("").encode(), "InvalidPart")):
        assert code_of(await s3("POST", key, upload, body=wrong)) == code
    await s3("PUT", key, body=b"there")
    once = {"if-none-match": "*"}
    refused = await s3("POST", key, upload, body=body, headers=once)
    assert code_of(refused) == "PreconditionFailed"
    answers = await asyncio.gather(*(s3("POST", key, upload, body=body) for _ in range(4)))
    done = [answer for answer in answers if answer.is_success]
    assert len(done) == 1
    assert {code_of(each) for each in answers if each not in done} == {"NoSuchUpload"}
    assert (await s3("GET", key)).content == b"hello"


async def test_the_quota_holds_for_objects_parts_and_copies(
    s3: Client, box: str, actor: Actor, settings
):
    settings.STORAGE_QUOTA_BYTES = 10
    assert (await s3("PUT", f"{box}/a", body=b"x" * 6)).is_success
    assert code_of(await s3("PUT", f"{box}/b", body=b"x" * 5)) == "EntityTooLarge"
    copied = {"x-amz-copy-source": "box/a"}
    assert code_of(await s3("PUT", f"{box}/b", headers=copied)) == "EntityTooLarge"
    upload = await _start(s3, f"{box}/c")
    part = {**upload, "partNumber": "1"}
    assert code_of(await s3("PUT", f"{box}/c", part, body=b"x" * 5)) == "EntityTooLarge"
    assert (await s3("PUT", f"{box}/a", body=b"x" * 10)).is_success


async def test_a_body_may_come_without_a_length(s3: Client, box: str, server: httpx.AsyncClient):
    request = s3.signer.sign("PUT", f"{box}/k", body=b"hello world")

    async def pieces():
        for piece in (b"hello", b" ", b"world"):
            yield piece

    put = await server.put(raw_url(request.target), headers=request.headers, content=pieces())
    assert put.status_code == 200
    assert (await s3("GET", f"{box}/k")).content == b"hello world"
