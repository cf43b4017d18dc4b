"""The OpenAPI documents: valid, complete, and true of what the server takes and answers."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator
from rest_framework import serializers

from config.reference import VERSION, documents
from surfaces.accepted import accepted
from surfaces.openapi import Components
from tests.surfaces.documents import faults, find_operation, read_document
from tests.surfaces.routes import Route, all_routes
from tests.surfaces.world import World
from wire.shapes import TEXT, WHOLE, record

ROOT: Final = Path(__file__).parents[2]
PAIRS: Final = sorted(Path(__file__).parent.glob("*/fixtures/*.request.json"))
SURFACES: Final = ["telnyx", "openai", "s3"]


def _name(pair: Path) -> str:
    return f"{pair.parts[-3]}-{pair.name.removesuffix('.request.json')}"


def _read(path: Path) -> Any:
    return json.loads(path.read_text())


def _operation_of(route: Route) -> Any:
    return find_operation(read_document(route.surface), route.method, route.path)


# -- the documents ------------------------------------------------------------------------------
@pytest.mark.parametrize("surface", SURFACES)
def test_the_document_is_valid_openapi_3_1(surface: str):
    document = read_document(surface)
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


@pytest.mark.parametrize("surface", SURFACES)
def test_the_document_is_served_to_everybody(surface: str, client: Client):
    answer = client.get(f"/api/schema/{surface}.json")
    assert answer.status_code == 200
    assert answer["content-type"] == "application/json"
    assert answer.json() == read_document(surface)


def test_a_surface_that_is_not_there_has_no_document(client: Client):
    assert client.get("/api/schema/nobody.json").status_code == 404


def test_every_route_is_in_its_document_and_nothing_else():
    told = {
        (surface, method.upper(), document["servers"][0]["url"] + path)
        for surface in documents()
        for document in [read_document(surface)]
        for path, operations in document["paths"].items()
        for method in operations
    }
    assert told == {(route.surface, route.method, route.path) for route in all_routes()}


@pytest.mark.parametrize("route", all_routes(), ids=str)
def test_every_route_says_what_it_does_and_takes(route: Route):
    operation = _operation_of(route)
    assert operation["summary"]
    named = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
    assert named == set(re.findall(r"{(\w+)}", route.path))
    takes_body = (route.method == "PUT" and str(route) not in BODILESS) or (
        route.method == "POST" and route.is_live
    )
    assert "requestBody" in operation or not takes_body
    assert "content" in operation["responses"]["default"]


BODILESS: Final = {
    "PUT /telnyx/v2/storage/buckets/{bucket}",
    "PUT /s3/{bucket}",
    "PUT /s3/{bucket}/",
}
"""All is said in the path."""


@pytest.mark.parametrize("surface", SURFACES)
def test_names_of_operations_are_their_own(surface: str):
    names = [
        operation["operationId"]
        for operations in read_document(surface)["paths"].values()
        for operation in operations.values()
    ]
    assert len(names) == len(set(names))


def test_the_version_is_the_project_s():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION


def test_two_shapes_of_one_name_are_a_mistake():
    components = Components()
    components.refer(record("Thing", {"a": TEXT}))
    with pytest.raises(ValueError, match="Thing"):
        components.refer(record("Thing", {"a": WHOLE}))


def test_a_field_without_a_shape_is_a_mistake():
    class Body(serializers.Serializer[None]):
        day = serializers.DurationField()

    with pytest.raises(TypeError, match="DurationField"):
        accepted("Body", Body)


# -- what is answered, and what is taken --------------------------------------------------------
@pytest.mark.parametrize("pair", PAIRS, ids=_name)
def test_golden_answers_have_the_declared_shape(pair: Path):
    request = _read(pair)
    answer = _read(pair.with_name(pair.name.replace(".request.", ".response.")))
    document = read_document(pair.parts[-3])
    operation = find_operation(document, request["method"], request["path"])
    declared = operation["responses"]["200" if answer["status"] < 300 else "default"]
    if answer["body"] is None:
        assert "content" not in declared
        return
    schema = declared["content"]["application/json"]["schema"]
    assert list(faults(document, schema, answer["body"])) == []


@pytest.mark.parametrize("pair", PAIRS, ids=_name)
def test_golden_requests_that_are_accepted_are_declared(pair: Path):
    request = _read(pair)
    if _read(pair.with_name(pair.name.replace(".request.", ".response.")))["status"] >= 300:
        return
    document = read_document(pair.parts[-3])
    operation = find_operation(document, request["method"], request["path"])
    if request.get("body"):
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        body = {name: value for name, value in request["body"].items() if name not in IGNORED}
        assert list(faults(document, schema, body)) == []
    known = {p["name"] for p in operation["parameters"] if p["in"] == "query"}
    assert {_declared(name) for name in request.get("query", {})} <= known


IGNORED: Final = {"store"}
"""Fields that are taken and mean nothing here, as unknown ones are."""


def _declared(name: str) -> str:
    """`metadata[from]` is declared as `metadata[key]`, `metadata->from` as `metadata->key`."""
    return re.sub(r"^metadata(\[\w+\]|->>?\w+)$", _any_key, name)


def _any_key(found: re.Match[str]) -> str:
    return "metadata[key]" if found[1].startswith("[") else "metadata->key"


@pytest.mark.parametrize("path", ["/openai/v1/chat/completions", "/telnyx/v2/ai/chat/completions"])
async def test_streamed_events_have_the_declared_shape(
    path: str, server: httpx.AsyncClient, our_world: World, fake: Any
):
    asked = {
        "model": "builtin/echo",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    answer = await server.post(path, json=asked, headers=our_world.bearer)
    document = read_document(path.split("/")[1])
    content = find_operation(document, "POST", path)["responses"]["200"]["content"]
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line]
    assert lines.pop() == "[DONE]"
    assert len(lines) > 2
    for line in lines:
        schema = content["text/event-stream"]["schema"]
        assert list(faults(document, schema, json.loads(line))) == []


def _bounded() -> list[tuple[Route, str, str, int]]:
    """Each declared bound of a query parameter: which one, and where it stands."""
    return [
        (route, parameter["name"], end, parameter["schema"][end])
        for route in all_routes()
        for parameter in _operation_of(route)["parameters"]
        for end in ("minimum", "maximum")
        if parameter["in"] == "query" and end in parameter["schema"]
    ]


IDS: Final = {
    "job_id": "tuning",
    "bucket": "bucket",
    "conversation_id": "conversation",
    "insight_id": "template",
    "group_id": "group",
    "run_id": "run",
}


@pytest.mark.parametrize(
    ("route", "name", "end", "bound"), _bounded(), ids=lambda value: str(value)
)
def test_declared_bounds_are_the_real_ones(
    route: Route, name: str, end: str, bound: int, ours: World, django: Client
):
    path = route.path.format(**{argument: ours.ids[kind] for argument, kind in IDS.items()})
    beyond = bound - 1 if end == "minimum" else bound + 1
    at_bound = django.get(path, {name: str(bound)}, headers=ours.bearer)
    past_it = django.get(path, {name: str(beyond)}, headers=ours.bearer)
    assert at_bound.status_code == 200
    assert 400 <= past_it.status_code < 500


# -- the page -----------------------------------------------------------------------------------
def test_the_reference_lists_every_surface_and_needs_no_network(client: Client):
    page = client.get("/api/docs/").content.decode()
    for surface in SURFACES:
        assert f"/api/schema/{surface}.json" in page
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []
    for path in re.findall(r'"/static/([^"]+)"', page):
        assert finders.find(path), path
