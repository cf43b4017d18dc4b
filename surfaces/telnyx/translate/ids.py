"""Ids in paths and bodies: UUIDs, in any case, with their hyphens."""

import re
import uuid

from surfaces.telnyx.translate.queries import InvalidQuery, Query, find_text
from vocabulary.errors import InvalidRequest

_SPELLING = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class InvalidId(InvalidRequest):
    """The id is not a UUID."""

    code = "invalid_id"


class InvalidPathId(InvalidId):
    """An id in the request's path is not a UUID; `path` is the argument's name."""


def parse_id(path: str, text: str) -> uuid.UUID:
    """An id in a body, at `path`."""
    if not _SPELLING.fullmatch(text):
        raise InvalidId(path, "must be a UUID")
    return uuid.UUID(text)


def parse_path_id(name: str, text: str) -> uuid.UUID:
    """An id in the request's path, the argument called `name`."""
    if not _SPELLING.fullmatch(text):
        raise InvalidPathId(name, "must be a UUID")
    return uuid.UUID(text)


def parse_query_id(query: Query, name: str) -> uuid.UUID | None:
    """An id in the query string; `eq.` may stand before it, as in the list's filters."""
    text = (find_text(query, name) or "").removeprefix("eq.")
    if text and not _SPELLING.fullmatch(text):
        raise InvalidQuery(name, "must be a UUID")
    return uuid.UUID(text) if text else None
