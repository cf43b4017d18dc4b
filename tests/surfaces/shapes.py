"""What an error looks like on each surface."""

from collections.abc import Callable
from typing import Any, Final
from xml.etree import ElementTree

import httpx


def _is_telnyx(status: int, body: Any) -> bool:
    errors = body["errors"]
    named = all(isinstance(e["code"], str) and isinstance(e["title"], str) for e in errors)
    detailed = status != 422 or all({"loc", "msg", "type"} == d.keys() for d in body["detail"])
    return bool(errors) and named and detailed


def _is_openai(status: int, body: Any) -> bool:
    return set(body["error"]) == {"message", "type", "param", "code"}


def _is_s3(status: int, body: Any) -> bool:
    return body.tag == "Error" and [inner.tag for inner in body] == ["Code", "Message"]


def _is_azure(status: int, body: Any) -> bool:
    said = body["error"]
    return {"code", "message"} <= said.keys() and (body["status"], body["code"]) == (
        status,
        said["code"],
    )


SHAPES: dict[str, Callable[[int, Any], bool]] = {
    "telnyx": _is_telnyx,
    "openai": _is_openai,
    "azure": _is_azure,
    "s3": _is_s3,
}
STRANGER: Final = {"s3": 403}
"""What a caller without a key is answered, where that is not 401."""


def surface_of(path: str) -> str:
    return path.split("/")[1]


def assert_refused(path: str, status: int, body: Any) -> None:
    """A clear 4xx in the words of the surface that `path` belongs to."""
    assert 400 <= status < 500, (status, body)
    assert SHAPES[surface_of(path)](status, body), body


def read_refusal(answer: httpx.Response) -> Any:
    """An error's body, as its surface spells it."""
    if answer.headers["content-type"] == "application/xml":
        return ElementTree.fromstring(answer.text)
    return answer.json()
