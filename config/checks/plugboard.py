"""Every row of the plugboard is imported and held against its protocol (colloquy.E1xx)."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from django.conf import settings
from django.core.checks import Error
from django.utils.module_loading import import_string

from providers.protocols import (
    ChatProvider,
    EmbeddingProvider,
    SpeechProvider,
    TranscriptionProvider,
)
from surfaces.kit import Surface
from surfaces.live import LiveRoute
from surfaces.raw import RawRoute

type Fault = str | None

MISSING: Final = "colloquy.E101"
UNFIT: Final = "colloquy.E102"
UNKNOWN_DEFAULT: Final = "colloquy.E103"
_HANDLER: Final = ("load", "perform", "commit", "bury")


def check_plugboard(**_: object) -> list[Error]:
    return list(_check_all())


def _check_all() -> Iterator[Error]:
    for prefix, module in settings.SURFACES.items():
        yield from _check(f"SURFACES['{prefix}']", f"{module}.SURFACE", _surface)
        yield from _check(f"SURFACES['{prefix}']", f"{module}.LIVE", _live)
        yield from _check(f"SURFACES['{prefix}']", f"{module}.urlpatterns", _patterns)
    yield from _check_table("PROVIDERS", _provider)
    yield from _check_table("SERVER_TOOLS", _callable)
    yield from _check_table("JOBS", _handler)
    yield from _check_table("WORKFLOWS", _workflow)
    yield from _check_table("WEBHOOK_DIALECTS", _dialect)
    yield from _check_lists()
    if settings.DEFAULT_WEBHOOK_DIALECT not in settings.WEBHOOK_DIALECTS:
        yield Error("DEFAULT_WEBHOOK_DIALECT is none of WEBHOOK_DIALECTS", id=UNKNOWN_DEFAULT)


def _check_table(table: str, fault: Callable[[Any], Fault]) -> Iterator[Error]:
    rows: Mapping[str, str] = getattr(settings, table)
    for name, path in rows.items():
        yield from _check(f"{table}['{name}']", path, fault)


def _check_lists() -> Iterator[Error]:
    for event, paths in settings.REACTIONS.items():
        for path in paths:
            yield from _check(f"REACTIONS['{event}']", path, _one_argument)
    for path in settings.FOUNDATIONS:
        yield from _check("FOUNDATIONS", path, _one_argument)
    for name, (seconds, path) in settings.PERIODIC.items():
        yield from _check(f"PERIODIC['{name}']", path, _no_argument)
        if seconds <= 0:
            yield Error(f"PERIODIC['{name}']: the seconds between must be more than 0", id=UNFIT)


def _check(row: str, path: str, find_fault: Callable[[Any], Fault]) -> Iterator[Error]:
    """A row that cannot be imported may fail in any way that a module can."""
    try:
        found = import_string(path)
    except Exception as error:
        yield Error(f"{row}: cannot import {path}: {error}", id=MISSING)
        return
    try:
        fault = find_fault(found)
    except Exception as error:
        fault = f"cannot be made: {error}"
    if fault:
        yield Error(f"{row}: {path} {fault}", id=UNFIT)


# -- the protocols ------------------------------------------------------------------------------
def _surface(found: Any) -> Fault:
    return None if isinstance(found, Surface) else "is not a Surface"


def _live(found: Any) -> Fault:
    fits = all(isinstance(route, LiveRoute | RawRoute) for route in found)
    return None if fits else "holds what is neither a LiveRoute nor a RawRoute"


def _patterns(found: Any) -> Fault:
    return None if isinstance(found, list) and found else "is not a list of routes"


def _provider(found: Any) -> Fault:
    powers = ChatProvider | EmbeddingProvider | SpeechProvider | TranscriptionProvider
    return None if isinstance(found(), powers) else "makes no provider of any power"


def _handler(found: Any) -> Fault:
    handler = found()
    if missing := _lacking(handler, _HANDLER):
        return f"lacks {missing}"
    if not inspect.iscoroutinefunction(handler.perform):
        return "has a perform that is not async"
    limit = getattr(handler, "limit", None)
    return None if isinstance(limit, int) and limit > 0 else "has no limit"


def _dialect(found: Any) -> Fault:
    missing = _lacking(found(), ("body", "headers"))
    return f"lacks {missing}" if missing else None


def _workflow(found: Any) -> Fault:
    return _one_argument(found) or (
        "is async; a workflow is a plain function" if inspect.iscoroutinefunction(found) else None
    )


def _callable(found: Any) -> Fault:
    return None if callable(found) else "cannot be called"


def _one_argument(found: Any) -> Fault:
    return _takes(found, (None,), "one argument")


def _no_argument(found: Any) -> Fault:
    return _takes(found, (), "no argument")


def _takes(found: Any, arguments: tuple[object, ...], said: str) -> Fault:
    try:
        inspect.signature(found).bind(*arguments)
    except TypeError:
        return f"does not take {said}"
    return None


def _lacking(found: Any, names: Iterable[str]) -> str:
    return ", ".join(name for name in names if not callable(getattr(found, name, None)))
