"""Golden pairs, written after the vendors' documentation, replayed through the server.

`<resource>.<case>.request.json` holds method, path, query, headers and body; its `.response.json`
the status, some headers, and the whole body (null: empty). `{kind}` stands for an id of the world
below; in answers `<uuid>`, `<time>`, `<int>`, `<key>` and `<any>` stand for what differs each time.
"""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from django.test import Client

from tests.surfaces.routes import is_live
from tests.surfaces.world import World

HERE: Final = Path(__file__).parent
PAIRS: Final = sorted(HERE.glob("*/fixtures/*.request.json"))
UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
STANDINS: Final[dict[str, Callable[[Any], bool]]] = {
    "<uuid>": lambda value: bool(UUID.fullmatch(value)),
    "<time>": lambda value: bool(TIME.fullmatch(value)),
    "<int>": lambda value: type(value) is int,
    "<key>": lambda value: len(base64.b64decode(value, validate=True)) == 32,
    "<any>": lambda value: True,
}


def _name(pair: Path) -> str:
    return f"{pair.parts[-3]}-{pair.name.removesuffix('.request.json')}"


def _read(path: Path, world: World) -> Any:
    text = path.read_text()
    for kind, id in world.ids.items():
        text = text.replace(f"{{{kind}}}", id)
    return json.loads(text)


def _settled(expected: Any, actual: Any) -> Any:
    """`expected` with what differs each time taken from `actual`, where that is of its kind."""
    match expected:
        case str() if expected in STANDINS and STANDINS[expected](actual):
            return actual
        case dict() if isinstance(actual, dict):
            return {key: _settled(value, actual.get(key)) for key, value in expected.items()}
        case list() if isinstance(actual, list) and len(actual) == len(expected):
            return [_settled(e, a) for e, a in zip(expected, actual, strict=True)]
    return expected


def _check(pair: Path, world: World, status: int, headers: Any, content: bytes) -> None:
    expected = _read(pair.with_name(pair.name.replace(".request.", ".response.")), world)
    body = json.loads(content) if content else None
    assert status == expected["status"], body
    assert body == _settled(expected["body"], body)
    assert expected.get("headers", {}).items() <= dict(headers).items()


def _is_live(pair: Path) -> bool:
    return is_live(json.loads(pair.read_text())["path"])


@pytest.mark.django_db
@pytest.mark.parametrize("pair", [p for p in PAIRS if not _is_live(p)], ids=_name)
def test_the_answer_is_the_documented_one(pair: Path, django: Client, ours: World):
    request = _read(pair, ours)
    answer = django.generic(
        request["method"],
        request["path"],
        json.dumps(request["body"]) if "body" in request else "",
        "application/json",
        headers=ours.bearer | request.get("headers", {}),
        query_params=request.get("query"),
    )
    _check(pair, ours, answer.status_code, answer.headers, answer.content)


@pytest.mark.parametrize("pair", [p for p in PAIRS if _is_live(p)], ids=_name)
async def test_the_live_answer_is_the_documented_one(
    pair: Path, server: httpx.AsyncClient, our_world: World, fake: Any
):
    request = _read(pair, our_world)
    headers = our_world.bearer | request.get("headers", {})
    answer = await server.request(
        request["method"], request["path"], json=request.get("body"), headers=headers
    )
    _check(pair, our_world, answer.status_code, answer.headers, answer.content)
