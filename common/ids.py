"""New identifiers. UUIDs are version 7, so that rows made together lie together in an index."""

import secrets
import uuid

import uuid_utils.compat


def new_uuid() -> uuid.UUID:
    """A time-ordered UUID (RFC 9562, version 7)."""
    return uuid_utils.compat.uuid7()


def new(prefix: str) -> str:
    """An opaque public id such as `chatcmpl-4f1c…`, with 96 random bits."""
    return f"{prefix}-{secrets.token_hex(12)}"
