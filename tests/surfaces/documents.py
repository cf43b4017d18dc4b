"""The surfaces' OpenAPI documents as their readers see them, and bodies held against them."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from config.reference import documents

ANY = "<any>"
STANDINS = {"<int>": 1}
"""What golden answers hold where a number differs each time; other stand-ins are texts."""


def read_document(surface: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(documents()[surface].content)
    return document


def find_operation(document: Mapping[str, Any], method: str, path: str) -> dict[str, Any]:
    """The operation that serves an absolute path, `paths` being relative to the server's."""
    base = document["servers"][0]["url"]
    inside = path.removeprefix(base)
    for argument in ("[^/]+", ".+"):  # an argument with slashes gives way to longer templates
        for template, operations in sorted(document["paths"].items(), key=_has_argument):
            if re.fullmatch(re.sub(r"\{\w+\}", argument, template), inside):
                operation: dict[str, Any] = operations[method.lower()]
                return operation
    raise LookupError(path)


def _has_argument(item: tuple[str, Any]) -> bool:
    return "{" in item[0]


def faults(document: Mapping[str, Any], schema: Mapping[str, Any], body: Any) -> Iterator[str]:
    """Why the body is not of the declared shape; a field that was not declared is one reason.

    Where the body says `<any>` nothing is asked.
    """
    whole = _closed({**schema, "components": document["components"]})
    settled = _settled(body)
    for error in jsonschema_rs.Draft202012Validator(whole).iter_errors(settled):
        if not _is_open(settled, error.instance_path):
            place = "/".join(map(str, error.instance_path))
            yield f"{place}: {error.message}"


def _closed(shape: Any) -> Any:
    """The same with no room for fields that were not declared."""
    match shape:
        case dict():
            closed = {name: _closed(value) for name, value in shape.items()}
            if isinstance(shape.get("properties"), dict) and shape.get("type") == "object":
                closed.setdefault("additionalProperties", False)
            return closed
        case list():
            return [_closed(value) for value in shape]
    return shape


def _settled(body: Any) -> Any:
    match body:
        case dict():
            return {name: _settled(value) for name, value in body.items()}
        case list():
            return [_settled(value) for value in body]
    return STANDINS.get(body, body) if isinstance(body, str) else body


def _is_open(body: Any, path: list[Any]) -> bool:
    for step in path:
        body = body[step]
    return body == ANY
