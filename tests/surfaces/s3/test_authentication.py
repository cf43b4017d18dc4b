"""Who may ask, by what, and until when; and that nothing is stored of what was not signed."""

from dataclasses import replace
from datetime import timedelta

import httpx
from django.db import connection

from common.db import in_thread
from files.models import Blob, StoredObject
from organisations.actor import Actor
from organisations.services import create_api_key, get_api_key, revoke_api_key
from surfaces.s3.signatures import CONTENT, UNSIGNED
from tests.surfaces.s3.conftest import make_signer
from tests.surfaces.s3.signer import HOST, Client, Signer, code_of, raw_url, sha256


def _stored() -> tuple[int, int]:
    connection.close_if_unusable_or_obsolete()
    return StoredObject.unscoped.count(), Blob.unscoped.count()


async def test_a_request_is_signed_by_a_known_key_now(s3: Client, server: httpx.AsyncClient):
    async def code(**changes: object) -> str:
        client = Client(server, replace(s3.signer, **changes))  # type: ignore[arg-type]
        answer = await client("GET", "/s3/", headers={"x-amz-meta-x": "y"})
        assert answer.status_code == 403
        return code_of(answer)

    assert (await s3("GET", "/s3/", headers={"x-amz-meta-x": "y"})).status_code == 200
    assert (await s3("GET", "/s3")).status_code == 200
    assert await code(secret="x") == "SignatureDoesNotMatch"
    assert await code(leaves=["x-amz-meta-x"]) == "SignatureDoesNotMatch"
    assert await code(leaves=["host"]) == "SignatureDoesNotMatch"
    assert await code(late=timedelta(minutes=16)) == "RequestTimeTooSkewed"
    assert await code(late=timedelta(minutes=-16)) == "RequestTimeTooSkewed"
    assert await code(key="nobody") == "InvalidAccessKeyId"
    unsigned = await server.get("/s3/")
    assert (unsigned.status_code, code_of(unsigned)) == (403, "AccessDenied")
    added = s3.signer.sign("GET", "/s3/")
    answer = await s3.send(replace(added, headers={**added.headers, "x-amz-acl": "x"}), b"")
    assert code_of(answer) == "SignatureDoesNotMatch"
    unsaid = {name: text for name, text in added.headers.items() if name != CONTENT}
    assert code_of(await s3.send(replace(added, headers=unsaid), b"")) == "InvalidArgument"


async def test_a_key_does_what_its_scopes_say_until_it_is_revoked(
    s3: Client, server: httpx.AsyncClient, actor: Actor
):
    reader = Client(server, await in_thread(make_signer, actor, "read"))
    writer = Client(server, await in_thread(make_signer, actor, "write"))
    await s3("PUT", "/s3/box")
    assert (await writer("PUT", "/s3/box/k", body=b"x")).status_code == 200
    assert code_of(await writer("GET", "/s3/box/k")) == "AccessDenied"
    copied = {"x-amz-copy-source": "box/k"}
    assert code_of(await writer("PUT", "/s3/box/j", headers=copied)) == "AccessDenied"
    assert (await reader("GET", "/s3/box/k")).content == b"x"
    url = raw_url(reader.signer.presign("GET", "/s3/box/k"))
    assert (await server.get(url)).content == b"x"
    assert code_of(await reader("DELETE", "/s3/box/k")) == "AccessDenied"

    def revoke() -> None:
        revoke_api_key(get_api_key(reader.signer.key), by=actor)

    await in_thread(revoke)
    assert code_of(await reader("GET", "/s3/box/k")) == "InvalidAccessKeyId"
    assert code_of(await server.get(url)) == "InvalidAccessKeyId"


async def test_an_api_key_is_its_own_pair_but_in_no_url(
    s3: Client, server: httpx.AsyncClient, actor: Actor
):
    _, token = await in_thread(create_api_key, actor)
    both = Signer(key=token.reveal(), secret=token.reveal())
    assert (await Client(server, both)("GET", "/s3/")).status_code == 200
    other = Signer(key=token.reveal(), secret=s3.signer.secret)
    assert code_of(await Client(server, other)("GET", "/s3/")) == "SignatureDoesNotMatch"
    leaked = await server.get(raw_url(both.presign("GET", "/s3/")))
    assert (leaked.status_code, code_of(leaked)) == (403, "InvalidAccessKeyId")


async def test_a_url_is_good_for_one_thing_and_a_while(s3: Client, server: httpx.AsyncClient):
    await s3("PUT", "/s3/box")
    url = s3.signer.presign("PUT", "/s3/box/k")
    assert (await server.put(raw_url(url), content=b"hello")).status_code == 200
    assert code_of(await server.get(raw_url(url))) == "SignatureDoesNotMatch"
    read = s3.signer.presign("GET", "/s3/box/k", {"response-content-type": "text/plain"})
    answer = await server.get(raw_url(read))
    assert (answer.content, answer.headers["content-type"]) == (b"hello", "text/plain")
    for changed in (read.replace("/k?", "/j?"), read.replace("plain", "html"), read + "&a=b"):
        assert code_of(await server.get(raw_url(changed))) == "SignatureDoesNotMatch"
    sent = {"x-amz-meta-x": "y"}
    added = await server.put(raw_url(url), content=b"x", headers=sent)
    assert code_of(added) == "SignatureDoesNotMatch"
    old = replace(s3.signer, late=timedelta(seconds=-61)).presign("GET", "/s3/box/k")
    assert code_of(await server.get(raw_url(old))) == "AccessDenied"
    early = replace(s3.signer, late=timedelta(minutes=16)).presign("GET", "/s3/box/k")
    assert code_of(await server.get(raw_url(early))) == "RequestTimeTooSkewed"
    null = read.replace(f"Credential={s3.signer.key}", "Credential=a%00b")
    assert code_of(await server.get(raw_url(null))) == "InvalidArgument"


async def test_nothing_is_stored_of_a_body_that_is_not_the_signed_one(s3: Client):
    await s3("PUT", "/s3/box")
    before = await in_thread(_stored)
    spoiled = await s3("PUT", "/s3/box/k", body=b"hello", sent=b"hellO")
    assert code_of(spoiled) == "XAmzContentSHA256Mismatch"
    digest = {"content-md5": "AAAAAAAAAAAAAAAAAAAAAA=="}
    assert code_of(await s3("PUT", "/s3/box/k", body=b"x", headers=digest)) == "BadDigest"
    wire = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"
    chunked = {"content-encoding": "aws-chunked", "x-amz-decoded-content-length": "5"}
    kind = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    put = await s3("PUT", "/s3/box/k", sent=wire, payload=kind, headers=chunked)
    assert code_of(put) == "BadDigest"
    signed = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    put = await s3("PUT", "/s3/box/k", sent=wire, payload=signed, headers=chunked)
    assert code_of(put) == "SignatureDoesNotMatch"
    lying = {**chunked, "x-amz-decoded-content-length": "4"}
    put = await s3("PUT", "/s3/box/k", sent=wire, payload=kind, headers=lying)
    assert code_of(put) == "InvalidArgument"
    gone = b"<Delete><Object><Key>k</Key></Object></Delete>"
    assert (await s3("PUT", "/s3/box/k", body=b"kept")).status_code == 200
    post = await s3("POST", "/s3/box", {"delete": ""}, body=gone + b" ", sent=gone)
    assert code_of(post) == "XAmzContentSHA256Mismatch"
    assert (await s3("GET", "/s3/box/k")).content == b"kept"
    assert await in_thread(_stored) == (before[0] + 1, before[1] + 1)


async def test_a_body_may_come_unsigned_or_in_chunks(s3: Client):
    await s3("PUT", "/s3/box")
    right = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"
    kind = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    encoding = {"content-encoding": "aws-chunked"}
    put = await s3("PUT", "/s3/box/k", sent=right, payload=kind, headers=encoding)
    assert put.status_code == 200
    assert (await s3("GET", "/s3/box/k")).content == b"hello"
    put = await s3("PUT", "/s3/box/k", sent=b"any", payload=UNSIGNED)
    assert put.status_code == 200
    gzip = {"content-encoding": "gzip"}
    assert code_of(await s3("PUT", "/s3/box/k", body=b"x", headers=gzip)) == "InvalidRequest"
    request = s3.signer.sign("PUT", "/s3/box/k", body=b"hello", headers={})
    assert request.headers["host"] == HOST and request.signed.payload == sha256(b"hello")
