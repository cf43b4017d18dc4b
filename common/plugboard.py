"""Where lower code finds higher code: the tables of dotted paths in `config/registry.py`."""

from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def row(table: str, name: str) -> str | None:
    """The dotted path that `table` holds under `name`."""
    path: str | None = getattr(settings, table).get(name)
    return path


def names(table: str) -> list[str]:
    return list(getattr(settings, table))


@cache
def load(path: str) -> Any:
    """The object at a dotted path; callers give it its protocol's type at once."""
    return import_string(path)
