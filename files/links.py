"""Links to bytes that need no API key and work for a while: a token signed with `SECRET_KEY`.

The token holds what it gives: nothing is kept of it, and nothing can be taken back but the bytes.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core import signing

from common import clock
from vocabulary.errors import NotFound

_SALT: Final = "files.links"


class Expired(NotFound):
    """This link has expired."""

    code = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a token gives."""

    blob_id: uuid.UUID
    filename: str
    content_type: str
    expires_at: int


def sign(blob_id: uuid.UUID, *, filename: str, content_type: str, expires_at: datetime) -> str:
    """A token that gives these bytes, as a file of this name, until `expires_at`."""
    given = [blob_id.hex, filename, content_type, int(expires_at.timestamp())]
    return signing.dumps(given, salt=_SALT)


def read(token: str) -> Link:
    """`NotFound` for what we did not sign, `Expired` for what is over."""
    try:
        blob, filename, content_type, expires_at = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError) as error:
        raise NotFound("there is no such file") from error
    if expires_at <= clock.unix():
        raise Expired
    return Link(
        blob_id=uuid.UUID(blob),
        filename=filename,
        content_type=content_type,
        expires_at=expires_at,
    )


def url(token: str, base: str) -> str:
    """The link to give away; `base` is the server's address as its reader knows it."""
    return f"{base.rstrip('/')}/files/{token}"
