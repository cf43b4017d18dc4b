"""A bucket, key or upload of another organisation is none at all. Walks this surface's routes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx
import pytest

from common.db import in_thread
from files import uploads
from organisations.actor import Actor
from surfaces.s3.urls import LIVE
from tests.surfaces.s3.conftest import make_signer
from tests.surfaces.s3.signer import Client
from tests.surfaces.world import NOBODY, World

NO_BUCKET = "no-such-bucket"
NO_KEY = "no/such/key"
UPLOAD = {"uploadId": "{upload}"}
PART = b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>"


@dataclass(frozen=True, slots=True)
class Ask:
    """`{bucket}`, `{key}` and `{upload}` stand for names; `hides` for those that must not be told
    from unknown ones. `works` is the status on one's own."""

    method: str
    path: str
    hides: tuple[str, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    works: int = 200

    def __str__(self) -> str:
        return f"{self.method} {self.path} {' '.join([*self.query, *self.headers])}"


BUCKET, KEY = "{bucket}", "{bucket}/{key}"
COPY = {"x-amz-copy-source": "{other}/{key}"}
GONE = b"<Delete><Object><Key>nothing</Key></Object></Delete>"
ASKS = [
    Ask("GET", ""),
    *(
        ask
        for bucket in (BUCKET, f"{BUCKET}/")
        for ask in (
            Ask("GET", bucket, ("bucket",)),
            Ask("GET", bucket, ("bucket",), {"list-type": "2", "delimiter": "/"}),
            Ask("GET", bucket, ("bucket",), {"uploads": ""}),
            Ask("GET", bucket, ("bucket",), {"location": ""}),
            Ask("HEAD", bucket, ("bucket",)),
            Ask("PUT", bucket),  # makes the bucket, among one's own
            Ask("POST", bucket, ("bucket",), {"delete": ""}, body=GONE),
        )
    ),
    Ask("DELETE", "{empty}/", ("empty",), works=204),
    Ask("PUT", "{empty}"),
    Ask("DELETE", "{empty}", ("empty",), works=204),
    Ask("GET", KEY, ("bucket", "key")),
    Ask("HEAD", KEY, ("bucket", "key")),
    Ask("PUT", KEY, ("bucket",), body=b"x"),
    Ask("PUT", f"{BUCKET}/copy", ("other", "key"), headers=COPY),
    Ask("POST", KEY, ("bucket",), {"uploads": ""}),
    Ask("GET", KEY, ("bucket", "key", "upload"), UPLOAD),
    Ask("PUT", KEY, ("bucket", "key", "upload"), {**UPLOAD, "partNumber": "1"}, body=b"x"),
    Ask("PUT", KEY, ("bucket", "key", "upload", "other"), {**UPLOAD, "partNumber": "2"}, COPY),
    Ask("POST", KEY, ("bucket", "key", "upload"), UPLOAD, body=PART, works=400),
    Ask("DELETE", KEY, ("bucket", "key", "upload"), UPLOAD, works=204),
    Ask("DELETE", KEY, ("bucket",), works=204),
]
UNKNOWN = {
    "bucket": NO_BUCKET,
    "other": NO_BUCKET,
    "empty": NO_BUCKET,
    "key": NO_KEY,
    "upload": NOBODY,
}


def test_every_route_is_listed():
    walked = {(ask.method, ask.path.replace("{empty}", BUCKET)) for ask in ASKS}
    routes = {(route.method, route.path.replace("{*key}", "{key}")) for route in LIVE}
    assert routes <= walked


def _names(world: World) -> dict[str, str]:
    """The names that an ask's stand for, in this world."""
    bucket, key = world.ids["bucket"], world.ids["object"].replace(" ", "%20")
    upload = _start_upload(world.actor, bucket, world.ids["object"])
    names = {"bucket": bucket, "other": bucket, "key": key, "upload": upload}
    return {**names, "empty": world.ids["empty_bucket"]}


def _start_upload(actor: Actor, bucket: str, path: str) -> str:
    return str(uploads.start_upload(actor, bucket, path).pk)


async def _answer(client: Client, ask: Ask, names: Mapping[str, str]) -> httpx.Response:
    def filled(words: Mapping[str, str]) -> dict[str, str]:
        return {name: text.format_map(names) for name, text in words.items()}

    path = f"/s3/{ask.path.format_map(names)}"
    return await client(
        ask.method, path, filled(ask.query), body=ask.body, headers=filled(ask.headers)
    )


@pytest.fixture
async def client(server: httpx.AsyncClient, our_world: World) -> Client:
    return Client(server, await in_thread(make_signer, our_world.actor))


async def test_what_is_another_s_is_the_same_404_as_nothing(
    client: Client, our_world: World, their_world: World
):
    ours, theirs = await in_thread(_names, our_world), await in_thread(_names, their_world)
    leaks = {}
    for ask, kind in [(each, kind) for each in ASKS for kind in each.hides]:
        foreign = await _answer(client, ask, ours | {kind: theirs[kind]})
        unknown = await _answer(client, ask, ours | {kind: UNKNOWN[kind]})
        told = foreign.text
        for secret in (theirs[kind], theirs[kind].replace("%20", " ")):
            told = told.replace(secret, UNKNOWN[kind])
        if unknown.status_code != 404 or (foreign.status_code, told) != (404, unknown.text):
            leaks[str(ask), kind] = foreign.text, unknown.text
    assert leaks == {}


async def test_the_same_requests_work_on_ones_own(client: Client, our_world: World):
    names = await in_thread(_names, our_world)
    for ask in ASKS:
        answer = await _answer(client, ask, names)
        assert answer.status_code == ask.works, (str(ask), answer.text)


async def test_lists_show_nothing_of_others(client: Client, our_world: World, their_world: World):
    ours, theirs = await in_thread(_names, our_world), await in_thread(_names, their_world)
    secrets = {*theirs.values(), str(their_world.actor.organisation_id)}
    for ask in ASKS:
        if ask.method == "GET":
            answer = await _answer(client, ask, ours)
            assert not [secret for secret in secrets if secret in answer.text], str(ask)
