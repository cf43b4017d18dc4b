"""Embedding tasks, embedded buckets, and how the files in them stand."""

from typing import TYPE_CHECKING, Final

from common.clock import rfc3339, rfc3339_or_none
from surfaces.telnyx.translate.queries import InvalidQuery, Query, find_list
from vocabulary.errors import InvalidRequest
from vocabulary.json import JsonObject
from wire.shapes import TEXT, TIME, UUID, WHOLE, array, nullable, record, said, word

if TYPE_CHECKING:
    from knowledge.models import EmbeddingTask
    from knowledge.queries import FileState

VENDOR_MODELS: Final = (
    "thenlper/gte-large",
    "intfloat/multilingual-e5-large",
    "sentence-transformers/all-mpnet-base-v2",
)
"""https://developers.telnyx.com/api/inference/inference-embedding/post-embedding names them."""
UNDER_WAY: Final = ("queued", "processing")
STATUSES: Final = (*UNDER_WAY, "success", "failure", "partial_success")
_ALIASES: Final = {"failed": "failure"}
_FIELDS: Final = {
    "chunk_size": "document_chunk_size",
    "chunk_overlap": "document_chunk_overlap_size",
}

TASK: Final = record(
    "EmbeddingTask",
    {
        "task_id": UUID,
        "task_name": TEXT,
        "status": word(*STATUSES),
        "created_at": TIME,
        "finished_at": nullable(TIME),
        "user_id": said(UUID, "The API key that asked, else the organisation."),
        "bucket": TEXT,
        "total": said(WHOLE, "Files that the task has found so far."),
        "done": said(WHOLE, "Those that are embedded."),
        "failed": said(WHOLE, "Those that cannot be."),
        "error": said(nullable(TEXT), "Which files failed first, and why."),
    },
)
BUCKETS: Final = record("EmbeddedBuckets", {"buckets": array(TEXT)})
FILE: Final = record(
    "EmbeddedFile",
    {
        "filename": TEXT,
        "status": word("pending", "processing", "embedded", "failed"),
        "created_at": TIME,
        "updated_at": TIME,
        "last_embedded_at": nullable(TIME),
        "error_reason": nullable(TEXT),
    },
)


def parse_statuses(query: Query) -> list[str]:
    """Tasks under way, unless something else is asked for."""
    asked = [_ALIASES.get(status, status) for status in find_list(query, "status")]
    if strange := [status for status in asked if status not in STATUSES]:
        raise InvalidQuery("status", f"'{strange[0]}' is none of {', '.join(STATUSES)}")
    return asked or list(UNDER_WAY)


def name_fault(fault: InvalidRequest) -> InvalidRequest:
    """What is wrong, where this surface's callers have written it."""
    return InvalidRequest(_FIELDS.get(fault.path, fault.path), fault.message)


def render_task(task: "EmbeddingTask") -> JsonObject:
    return {
        "task_id": str(task.pk),
        "task_name": task.name,
        "status": task.status,
        "created_at": rfc3339(task.created_at),
        "finished_at": rfc3339_or_none(task.finished_at),
        "user_id": str(task.requested_by or task.organisation_id),
        "bucket": task.bucket.name,
        "total": task.total,
        "done": task.done,
        "failed": task.failed,
        "error": task.error or None,
    }


def render_buckets(names: list[str]) -> JsonObject:
    return {"buckets": [*names]}


def render_file(file: "FileState") -> JsonObject:
    return {
        "filename": file.path,
        "status": file.status,
        "created_at": rfc3339(file.created_at),
        "updated_at": rfc3339(file.updated_at),
        "last_embedded_at": rfc3339_or_none(file.embedded_at),
        "error_reason": file.error_reason or None,
    }
