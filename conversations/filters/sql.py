"""The few SQL expressions that Django lacks: JSON keys taken to the letter, and LIKE as written.

Keys, patterns and values are parameters on every database.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func, TextField
from django.db.models.expressions import Combinable
from django.db.models.sql.compiler import SQLCompiler

type Sql = tuple[str, Any]


class JsonText(Func):
    """The text at a path of keys in a JSON column; NULL where there is nothing.

    Django's own key lookups take the key `0` for a place in a list.
    """

    output_field = TextField()

    def __init__(self, column: str, keys: Iterable[str]) -> None:
        self.keys = list(keys)
        super().__init__(F(column))

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> Sql:
        column, params = compiler.compile(self.source_expressions[0])
        return f"({column} #>> %s)", [*params, self.keys]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Sql:
        """By `json_each`: its paths cannot say a key with a quote in it, nor find `é` where the
        stored JSON has `\\u00e9`."""
        sql, params = compiler.compile(self.source_expressions[0])
        *outer, last = self.keys
        for key in outer:
            sql = f"(SELECT value FROM json_each({sql}) WHERE key = %s AND type = 'object')"
            params = (*params, key)
        return f"(SELECT value FROM json_each({sql}) WHERE key = %s)", (*params, last)


class Like(Func):
    """Whether a text matches a pattern: `%` and `*` are anything, `_` is one character, the rest,
    and what follows a backslash, is to the letter."""

    output_field = BooleanField()

    def __init__(self, text: Combinable, pattern: str, *, ignoring_case: bool) -> None:
        self.pattern = pattern
        self.ignoring_case = ignoring_case
        super().__init__(text)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> Sql:
        return self._as_like(compiler, "ILIKE" if self.ignoring_case else "LIKE")

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Sql:
        """SQLite's LIKE ignores case (of ASCII letters), its GLOB does not."""
        if self.ignoring_case:
            return self._as_like(compiler, "LIKE")
        text, params = compiler.compile(self.source_expressions[0])
        return f"({text} GLOB %s)", [*params, _spell(self.pattern, "*", "?", _escape_in_glob)]

    def _as_like(self, compiler: SQLCompiler, operator: str) -> Sql:
        text, params = compiler.compile(self.source_expressions[0])
        pattern = _spell(self.pattern, "%", "_", _escape_in_like)
        return f"({text} {operator} %s ESCAPE '\\')", [*params, pattern]


def _spell(pattern: str, anything: str, one: str, escape: Callable[[str], str]) -> str:
    """The pattern with the wildcards of another language; a backslash at the end is one."""
    signs = []
    for backslash, sign in re.findall(r"(\\?)(.)", pattern, re.DOTALL):
        if sign in "%*" and not backslash:
            signs.append(anything)
        elif sign == "_" and not backslash:
            signs.append(one)
        else:
            signs.append(escape(sign))
    return "".join(signs)


def _escape_in_like(sign: str) -> str:
    return f"\\{sign}" if sign in "%_\\" else sign


def _escape_in_glob(sign: str) -> str:
    return f"[{sign}]" if sign in "*?[" else sign
