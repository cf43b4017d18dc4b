"""How tables are emptied after a test that commits.

Django truncates each on PostgreSQL, which makes new files of all, and afterwards writes permissions
anew. Here rows are deleted, in one statement, and those that migrations wrote stay.
"""

from functools import cache
from typing import Any, Final

from django.core.management.commands import flush
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest import MonkeyPatch

_KEPT: Final = {"django_content_type", "auth_permission"}


def empty_quickly(monkeypatch: MonkeyPatch) -> None:
    """Have `flush` do so; foreign keys are looked at when it commits."""
    monkeypatch.setattr(flush, "sql_flush", _deletions)
    monkeypatch.setattr(flush, "emit_post_migrate_signal", lambda *_, **__: None)


def _deletions(style: Any, connection: BaseDatabaseWrapper, **_: bool) -> list[str]:
    quote = connection.ops.quote_name
    deletions = [f"DELETE FROM {quote(table)}" for table in _tables(connection)]
    return ["; ".join(deletions)] if connection.vendor == "postgresql" else deletions


@cache
def _tables(connection: BaseDatabaseWrapper) -> list[str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(names) - _KEPT)
