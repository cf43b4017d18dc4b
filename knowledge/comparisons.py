"""Ordering the job that compares an index with its bucket (`knowledge.syncing` does it)."""

import uuid
from typing import Final

from jobs.services import enqueue
from knowledge.models import Index

COMPARE: Final = "knowledge.compare"


def begin_comparison(index: Index, task_id: uuid.UUID | None = None) -> None:
    """In the caller's transaction; for a task, which has the files that differ."""
    enqueue(
        COMPARE,
        organisation_id=index.organisation_id,
        subject=index.pk,
        payload={"task": str(task_id)} if task_id else {},
    )
