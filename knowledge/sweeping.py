"""Deletes what retired indexes leave behind, some rows at a time: no transaction is a long one."""

from django.db import models, transaction

from common import clock
from knowledge.models import Chunk, Document, Index, IndexState

ROWS = 1000
SECONDS = 5.0
"""After which one call leaves the rest to the next."""


def delete_retired() -> None:
    """Delete rows of retired indexes until none is left, or for a few seconds."""
    until = clock.monotonic() + SECONDS
    for index in Index.unscoped.filter(state=IndexState.RETIRED).order_by("pk")[:ROWS]:
        for model in (Chunk, Document):
            while _delete_some(model, index):
                if clock.monotonic() > until:
                    return
        index.delete()


def _delete_some(model: type[Chunk] | type[Document], index: Index) -> int:
    """How many rows were deleted."""
    rows: models.QuerySet[Chunk] | models.QuerySet[Document] = model.unscoped.filter(index=index)
    with transaction.atomic():
        keys = list(rows.order_by().values_list("pk", flat=True)[:ROWS])
        model.unscoped.filter(pk__in=keys).delete()
    return len(keys)
