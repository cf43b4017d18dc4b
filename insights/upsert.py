"""Writing many changed rows of one table at once."""

from collections.abc import Collection, Sequence

from django.db import models


def write_back(rows: Sequence[models.Model], fields: Collection[str]) -> None:
    """Write `fields` of rows that are there and locked, in one statement of plain values, where
    `bulk_update` would spell a CASE for every row of every column."""
    if rows:
        type(rows[0])._base_manager.bulk_create(
            rows, update_conflicts=True, unique_fields=["id"], update_fields=fields
        )
