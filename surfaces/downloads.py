"""A stored file as an answer: whole, in part, or not at all because the reader has it.

The headers keep a browser from running what strangers stored here.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final

from django.utils.http import content_disposition_header

from files import contents
from surfaces.conditions import State, is_known, wants_part
from surfaces.ranges import parse_range
from surfaces.raw import Download

if TYPE_CHECKING:
    from files.models import Blob, StoredObject

SAFE: Final = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'",
    "cache-control": "private",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Bytes and what is told of them. `more` are headers of the surface's own."""

    blob: "Blob"
    etag: str
    content_type: str
    filename: str
    modified: datetime
    more: Mapping[str, str] = field(default_factory=dict)


def stored_file(row: "StoredObject", more: Mapping[str, str] | None = None) -> Stored:
    """An object as a file that is called as the last step of its path."""
    return Stored(
        blob=row.blob,
        etag=row.etag,
        content_type=row.content_type,
        filename=row.path.rpartition("/")[2],
        modified=row.updated_at,
        more=more or {},
    )


async def answer_file(method: str, headers: Mapping[str, str], file: Stored) -> Download:
    """The answer to GET or HEAD. Raises `PreconditionFailed` and `Unsatisfiable`."""
    state = State(file.etag, file.modified)
    told = _headers(file)
    if is_known(headers, state):
        return Download(status=304, headers=told, chunks=nothing())
    size = file.blob.size
    asked = headers.get("range", "") if wants_part(headers, state) and method == "GET" else ""
    part = parse_range(asked, size)
    start, end = part or (0, size)
    told["content-length"] = str(end - start)
    if part:
        told["content-range"] = f"bytes {start}-{end - 1}/{size}"
    chunks = nothing() if method == "HEAD" else await _begun(contents.stream(file.blob, start, end))
    return Download(status=206 if part else 200, headers=told, chunks=chunks)


async def nothing() -> AsyncGenerator[bytes]:
    """No bytes at all."""
    return
    yield b""


def http_date(at: datetime) -> str:
    """As `Last-Modified` has it."""
    return format_datetime(at.astimezone(UTC), usegmt=True)


def _headers(file: Stored) -> dict[str, str]:
    name = content_disposition_header(as_attachment=True, filename=file.filename)
    return {
        **SAFE,
        **file.more,
        "content-type": file.content_type,
        "content-disposition": name or "attachment",
        "etag": f'"{file.etag}"',
        "last-modified": http_date(file.modified),
        "accept-ranges": "bytes",
    }


async def _begun(chunks: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """With the first bytes read already: if they are missing, the answer has not begun."""
    first = await anext(chunks, b"")
    return _joined(first, chunks)


async def _joined(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    try:
        yield first
        async for chunk in rest:
            yield chunk
    finally:
        await rest.aclose()
