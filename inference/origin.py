"""Where a request comes from: what the ledger says of it besides what it used."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """`purpose` is one of `usage.models.Purpose`."""

    surface: str = ""
    request_id: str = ""
    purpose: str = "chat"
    conversation_id: uuid.UUID | None = None
    streamed: bool = False
