"""A surface's OpenAPI 3.1 document, made of its routes and of what each promises.

Walks `urlpatterns` and `LIVE` alike. A route's summary is the first sentence of its function's
docstring, its tag the module it stands in. Path arguments are UUIDs unless the promise says
otherwise; shapes with a title become components.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import URLPattern

from surfaces.accepted import accepted
from surfaces.kit import Surface, path_template
from surfaces.live import LiveRoute
from surfaces.promises import Parameter, Promise, find_promise
from surfaces.raw import RawRoute
from vocabulary.json import Json, JsonObject
from wire.shapes import BYTES, TEXT, UUID, Shape

METHODS: Final = ("get", "post", "put", "patch", "delete")
REQUEST_ID: Final = "X-Request-Id"
_ONCE: Final = Parameter(
    name="Idempotency-Key",
    about="The same key and body again get the first answer again, for a day.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`path` is relative to the surface's prefix, with `{name}` where an argument goes."""

    method: str
    path: str
    function: Callable[..., Any]
    is_live: bool

    @property
    def promise(self) -> Promise:
        """An empty one where nothing was declared."""
        return find_promise(self.function) or Promise()

    @property
    def resource(self) -> str:
        return self.function.__module__.rpartition(".")[2]


def find_routes(
    live: Iterable[LiveRoute | RawRoute], patterns: Iterable[URLPattern]
) -> Iterator[Route]:
    for route in live:
        path = route.path.replace("{*", "{")
        yield Route(method=route.method.lower(), path=path, function=route.handler, is_live=True)
    for pattern in patterns:
        view = getattr(pattern.callback, "cls", None)
        path = path_template(str(pattern.pattern))
        for method in METHODS:
            if function := getattr(view, method, None):
                yield Route(method=method, path=path, function=function, is_live=False)


def make_document(
    surface: Surface, prefix: str, routes: Sequence[Route], *, version: str
) -> JsonObject:
    components = Components()
    paths: dict[str, dict[str, Json]] = {}
    for route in routes:
        operation = _operation(route, surface, components)
        paths.setdefault(f"/{route.path}", {})[route.method] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": surface.title or surface.name, "version": version},
        "servers": [{"url": f"/{prefix}"}],
        "security": [{name: []} for name in surface.key_headers],
        "tags": _tags(routes),
        "paths": paths,
        "components": {
            "schemas": components.schemas,
            "securitySchemes": {name: _scheme(name, surface) for name in surface.key_headers},
        },
    }


class Components:
    """Takes titled shapes out of others and keeps each once, under its title."""

    def __init__(self) -> None:
        self.schemas: dict[str, Json] = {}
        self._origins: dict[str, Shape] = {}

    def refer(self, shape: Json) -> Json:
        """The shape with references in the place of titled ones."""
        match shape:
            case Mapping() if isinstance(title := shape.get("title"), str):
                self._keep(title, shape)
                return {"$ref": f"#/components/schemas/{title}"}
            case Mapping():
                return {name: self.refer(value) for name, value in shape.items()}
            case list() | tuple():
                return [self.refer(value) for value in shape]
        return shape

    def _keep(self, title: str, shape: Shape) -> None:
        if title in self._origins:
            if self._origins[title] != shape:
                raise ValueError(f"two different shapes are called {title}")
            return
        self._origins[title] = shape
        self.schemas[title] = {name: self.refer(value) for name, value in shape.items()}


# -- one route ----------------------------------------------------------------------------------
def _operation(route: Route, surface: Surface, components: Components) -> JsonObject:
    promise = route.promise
    summary, _, description = inspect.cleandoc(route.function.__doc__ or "").partition("\n\n")
    operation: dict[str, Json] = {
        "operationId": _operation_id(route),
        "tags": [route.resource],
        "summary": " ".join(summary.split()).removesuffix("."),
        "parameters": list(_parameters(route, promise)),
        "responses": {
            "200": _answer(promise, components),
            "default": {
                "description": "An error.",
                "headers": _headers({}),
                "content": {surface.media_type: {"schema": components.refer(surface.error)}},
            },
        },
    }
    if description:
        operation["description"] = description
    if promise.body is not None:
        operation["requestBody"] = _body(route, promise, promise.body, components)
    return operation


def _operation_id(route: Route) -> str:
    words = re.findall(r"\w+", route.path.replace("-", "_"))
    end = ["slash"] if route.path.endswith("/") else []
    return "_".join([route.method, *words, *end])


def _body(
    route: Route, promise: Promise, body: Shape | type[Any], components: Components
) -> JsonObject:
    if isinstance(body, type):
        view = route.function.__qualname__.partition(".")[0]
        body = accepted(f"{view}{route.method.title()}Body", body)
    schema = components.refer(body)
    return {"required": True, "content": {promise.takes: {"schema": schema}}}


def _answer(promise: Promise, components: Components) -> JsonObject:
    answer: dict[str, Json] = {"description": "Done.", "headers": _headers(promise.returns)}
    content: dict[str, Json] = {}
    if promise.answer is not None:
        content[promise.gives] = {"schema": components.refer(promise.answer)}
    if promise.sends:
        content[promise.sends] = {"schema": BYTES}
    if promise.events is not None:
        content["text/event-stream"] = {"schema": components.refer(promise.events)}
    return answer | {"content": content} if content else answer


def _headers(returns: Mapping[str, str]) -> JsonObject:
    about = {REQUEST_ID: "Names this request in logs; the caller's own, where it sent one."}
    return {
        name: {"description": text, "schema": TEXT} for name, text in {**about, **returns}.items()
    }


def _parameters(route: Route, promise: Promise) -> Iterator[JsonObject]:
    for name in re.findall(r"{(\w+)}", route.path):
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "schema": promise.path.get(name, UUID),
        }
    for parameter in promise.query:
        yield _parameter(parameter, "query")
    once = (_ONCE,) if route.method == "post" and not route.is_live else ()
    for parameter in (*promise.headers, *once):
        yield _parameter(parameter, "header")


def _parameter(parameter: Parameter, place: str) -> JsonObject:
    said: dict[str, Json] = {
        "name": parameter.name,
        "in": place,
        "required": parameter.required,
        "schema": parameter.shape,
    }
    return said | {"description": parameter.about} if parameter.about else said


# -- the surface --------------------------------------------------------------------------------
def _tags(routes: Iterable[Route]) -> list[Json]:
    """Each resource's module, described by its docstring's first paragraph."""
    modules = {route.resource: route.function.__module__ for route in routes}
    return [
        {"name": name, "description": _first_paragraph(sys.modules[module].__doc__)}
        for name, module in modules.items()
    ]


def _first_paragraph(text: str | None) -> str:
    return " ".join(inspect.cleandoc(text or "").partition("\n\n")[0].split())


def _scheme(header: str, surface: Surface) -> JsonObject:
    if surface.scheme:
        return dict(surface.scheme)
    if header == "authorization":
        return {"type": "http", "scheme": "bearer", "description": "An API key."}
    return {"type": "apiKey", "in": "header", "name": header, "description": "An API key."}
