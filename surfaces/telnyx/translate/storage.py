"""Buckets, objects, and the headers that describe an object which is sent.

Telnyx' reference has no such routes: the shapes follow its other resources.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from common.clock import rfc3339, rfc3339_or_none
from surfaces.telnyx.translate.queries import InvalidQuery, Query, find_text
from vocabulary.errors import InvalidRequest
from vocabulary.json import JsonObject
from wire.shapes import FLAG, TEXT, TIME, UUID, WHOLE, array, mapping, nullable, record, said, word

if TYPE_CHECKING:
    from files.models import Bucket, StoredObject

MOST: Final = 1000
META: Final = "x-meta-"
BUCKET: Final = record(
    "StorageBucket",
    {
        "record_type": word("storage_bucket"),
        "id": UUID,
        "name": TEXT,
        "object_count": WHOLE,
        "size": said(WHOLE, "Bytes of all objects."),
        "created_at": TIME,
    },
)
OBJECT: Final = record(
    "StorageObject",
    {
        "record_type": word("storage_object"),
        "bucket": TEXT,
        "path": TEXT,
        "size": said(WHOLE, "In bytes."),
        "content_type": TEXT,
        "etag": TEXT,
        "sha256": said(TEXT, "Of the bytes, in hexadecimal."),
        "metadata": mapping(TEXT),
        "created_at": TIME,
        "updated_at": TIME,
        "expires_at": nullable(TIME),
    },
)
OBJECTS: Final = record(
    "StorageObjects",
    {
        "data": array(OBJECT),
        "meta": record(
            "StorageObjectsMeta",
            {"next_after": said(nullable(TEXT), "What to ask for next."), "has_more": FLAG},
        ),
    },
)


# -- in -----------------------------------------------------------------------------------------
def parse_path(raw_path: str, bucket: str) -> str:
    """The object's path out of the request's, which is still percent-encoded.

    A server replaces bytes that are not UTF-8, and two such paths would become one.
    """
    try:
        whole = unquote(raw_path, errors="strict")
    except UnicodeDecodeError as error:
        raise InvalidRequest("path", "the path is not UTF-8") from error
    return whole.partition(f"/storage/buckets/{bucket}/")[2]


def parse_metadata(headers: Mapping[str, str]) -> dict[str, str]:
    """What `x-meta-…` headers say. HTTP libraries send UTF-8 and read it as Latin-1."""
    return {
        name.removeprefix(META): _utf8(name, text)
        for name, text in headers.items()
        if name.startswith(META)
    }


def parse_digest(headers: Mapping[str, str]) -> str:
    """`Content-MD5` in hexadecimal; empty where none was sent."""
    try:
        return base64.b64decode(headers.get("content-md5", ""), validate=True).hex()
    except (binascii.Error, ValueError) as error:
        raise InvalidRequest("content-md5", "must be the Base64 of an MD5 digest") from error


def parse_place(query: Query, name: str) -> str:
    """A path, or the beginning of one, in the query string."""
    text = find_text(query, name) or ""
    if len(text.encode(errors="replace")) > 1024:
        raise InvalidQuery(name, "is longer than 1024 bytes")
    return text


def _utf8(name: str, text: str) -> str:
    try:
        return text.encode("latin-1").decode()
    except UnicodeError as error:
        raise InvalidRequest(name, "must be UTF-8") from error


# -- out ----------------------------------------------------------------------------------------
def render_bucket(bucket: "Bucket") -> JsonObject:
    return {
        "record_type": "storage_bucket",
        "id": str(bucket.id),
        "name": bucket.name,
        "object_count": bucket.object_count,
        "size": bucket.size,
        "created_at": rfc3339(bucket.created_at),
    }


def render_object(stored: "StoredObject", bucket: str) -> JsonObject:
    return {
        "record_type": "storage_object",
        "bucket": bucket,
        "path": stored.path,
        "size": stored.blob.size,
        "content_type": stored.content_type,
        "etag": stored.etag,
        "sha256": stored.blob.sha256,
        "metadata": stored.metadata,
        "created_at": rfc3339(stored.created_at),
        "updated_at": rfc3339(stored.updated_at),
        "expires_at": rfc3339_or_none(stored.expires_at),
    }


def render_objects(rows: Sequence["StoredObject"], bucket: str, *, limit: int) -> JsonObject:
    """`rows` has one more than `limit` if there are more."""
    shown = rows[:limit]
    has_more = len(rows) > limit
    return {
        "data": [render_object(row, bucket) for row in shown],
        "meta": {"next_after": shown[-1].path if has_more else None, "has_more": has_more},
    }


def render_metadata(stored: "StoredObject") -> dict[str, str]:
    """As headers."""
    return {f"{META}{name}": text for name, text in stored.metadata.items()}
