"""Every route of every surface, read from what serves it: URL patterns and live lists."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.urls import URLPattern
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Route:
    """`path` is absolute, with `{name}` where an argument goes."""

    surface: str
    method: str
    path: str
    is_live: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def is_live(path: str) -> bool:
    """Whether this path is answered in front of Django; `{kind}` in it stands for an argument."""
    return any(pattern.fullmatch(path) for pattern in _live_paths())


def all_routes() -> list[Route]:
    return [
        route for prefix, module in settings.SURFACES.items() for route in _routes(prefix, module)
    ]


@cache
def _live_paths() -> list[re.Pattern[str]]:
    """An argument of several steps is the last one."""
    return [
        re.compile(re.sub(r"\{\w+\}", "[^/]+", re.sub(r"\{\w+\}$", ".+", route.path)))
        for route in all_routes()
        if route.is_live
    ]


def _routes(prefix: str, module: str) -> Iterator[Route]:
    surface = import_string(f"{module}.SURFACE").name
    for route in import_string(f"{module}.LIVE"):
        yield Route(surface, route.method, f"/{prefix}/{route.path.replace('{*', '{')}", True)
    for pattern in import_string(f"{module}.urlpatterns"):
        for method in _methods(pattern):
            yield Route(surface, method, f"/{prefix}/{_template(pattern)}", False)


def _methods(pattern: URLPattern) -> list[str]:
    view = getattr(pattern.callback, "cls", None)
    names = ("get", "post", "put", "patch", "delete")
    return [name.upper() for name in names if view is not None and hasattr(view, name)]


def _template(pattern: URLPattern) -> str:
    """`<str:group_id>` as `{group_id}`."""
    route = str(pattern.pattern)
    for converter in ("str:", "path:"):
        route = route.replace(f"<{converter}", "{")
    return route.replace(">", "}")
