"""What a route promises its callers, declared on its function: what it takes, what it answers.

Nothing here is looked at while requests are served; `openapi.py` makes a surface's document of it,
and tests hold the real answers against it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from rest_framework.serializers import Serializer

from wire.shapes import TEXT, Shape

_MARK: Final = "promise"
JSON: Final = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """Something in the query string or a header. A repeated one may come several times."""

    name: str
    shape: Shape = field(default_factory=lambda: TEXT)
    about: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Of one route. `answer` is the body's shape, None where there is none; `events` that of the
    data of a streamed answer. `path` holds the shapes of path arguments that are no UUID; `takes`
    and `gives` are the media types of body and answer. `sends` is the media type of bytes that are
    answered instead, if a request asks for them."""

    answer: Shape | None = None
    body: Shape | type[Serializer[Any]] | None = None
    events: Shape | None = None
    query: tuple[Parameter, ...] = ()
    headers: tuple[Parameter, ...] = ()
    path: Mapping[str, Shape] = field(default_factory=dict)
    returns: Mapping[str, str] = field(default_factory=dict)
    """Headers of the answer, with what they say."""
    takes: str = JSON
    gives: str = JSON
    sends: str = ""


def promises[F: Callable[..., Any]](
    *,
    answer: Shape | None = None,
    body: Shape | type[Serializer[Any]] | None = None,
    events: Shape | None = None,
    query: tuple[Parameter, ...] = (),
    headers: tuple[Parameter, ...] = (),
    path: Mapping[str, Shape] | None = None,
    returns: Mapping[str, str] | None = None,
    takes: str = JSON,
    gives: str = JSON,
    sends: str = "",
) -> Callable[[F], F]:
    """Declare what a view's method or a live handler promises; the meaning is that of `Promise`."""
    promise = Promise(
        answer=answer,
        body=body,
        events=events,
        query=query,
        headers=headers,
        path=path or {},
        returns=returns or {},
        takes=takes,
        gives=gives,
        sends=sends,
    )

    def declare(route: F) -> F:
        setattr(route, _MARK, promise)
        return route

    return declare


def find_promise(route: Callable[..., Any]) -> Promise | None:
    promise: Promise | None = getattr(route, _MARK, None)
    return promise
