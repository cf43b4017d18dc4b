"""Many rows of one table at once, without a model object for each: the hot path's way in."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


class BulkInsert:
    """Inserts rows given as sequences of `names`' values (attribute names, as `organisation_id`).

    Every column is named or has a database default; model defaults are not applied. PostgreSQL
    takes the rows by COPY, at a fifth of what the ORM's own bulk insert costs.
    """

    def __init__(self, model: type[models.Model], names: Sequence[str]) -> None:
        by_name = {field.attname: field for field in model._meta.concrete_fields}
        self._fields = [by_name[name] for name in names]
        self._table = f'"{model._meta.db_table}"'
        self._columns = ", ".join(f'"{field.column}"' for field in self._fields)

    def insert(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write `rows` inside the caller's transaction; one bad row fails them all."""
        if connection.vendor == "postgresql":
            self._copy(rows)
        else:
            self._insert_one_by_one(rows)

    def _copy(self, rows: Iterable[Sequence[Any]]) -> None:
        as_json = [isinstance(field, models.JSONField) for field in self._fields]
        with (
            connection.wrap_database_errors,
            connection.cursor() as cursor,
            cursor.copy(f"COPY {self._table} ({self._columns}) FROM STDIN") as copying,
        ):
            for row in rows:
                copying.write_row(self._prepare(row, as_json) if any(as_json) else row)

    def _insert_one_by_one(self, rows: Iterable[Sequence[Any]]) -> None:
        everywhere = [True] * len(self._fields)
        places = ", ".join(["%s"] * len(self._fields))
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {self._table} ({self._columns}) VALUES ({places})",
                [self._prepare(row, everywhere) for row in rows],
            )

    def _prepare(self, row: Sequence[Any], where: Iterable[bool]) -> list[Any]:
        """The row with the values in the marked places as the database takes them."""
        return [
            field.get_db_prep_save(value, connection) if marked else value
            for field, value, marked in zip(self._fields, row, where, strict=True)
        ]
