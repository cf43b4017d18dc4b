"""How an event is spelled for its receiver: our own dialect, and the protocol of all.

`config.registry.WEBHOOK_DIALECTS` names them. A body is rendered once, when the event is published,
and its bytes are kept; headers are made for each attempt. The headers of Standard Webhooks are sent
in every dialect, so that a dialect adds only what is its own.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from common import clock, plugboard
from vocabulary.errors import InvalidRequest
from vocabulary.json import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """An event as a plain value. `seq` counts the organisation's events; `payload` is JSON."""

    id: uuid.UUID
    organisation_id: uuid.UUID
    seq: int
    type: str
    subject: uuid.UUID | None
    version: int
    occurred_at: datetime
    payload: JsonObject


class Dialect(Protocol):
    """A spelling of events. Both methods are pure; instances are made without arguments."""

    def body(self, event: EventView) -> JsonObject:
        """The JSON body."""
        ...

    def headers(self, *, body: bytes, timestamp: int, key: Ed25519PrivateKey) -> Mapping[str, str]:
        """Headers of its own for one attempt at `timestamp` (Unix seconds)."""
        ...


class Standard:
    """Our own spelling: the envelope of Standard Webhooks, with `data` as the catch-up feed has it.

    `object` and `created_at` make it readable to clients that expect those two as well.
    """

    def body(self, event: EventView) -> JsonObject:
        occurred_at = clock.rfc3339(event.occurred_at)
        return {
            "id": str(event.id),
            "object": "event",
            "type": event.type,
            "version": event.version,
            "seq": event.seq,
            "timestamp": occurred_at,
            "occurred_at": occurred_at,
            "created_at": int(event.occurred_at.timestamp()),
            "data": event.payload,
        }

    def headers(self, *, body: bytes, timestamp: int, key: Ed25519PrivateKey) -> Mapping[str, str]:
        return {}


def get_dialect(name: str) -> Dialect:
    """The dialect of that name; raises `InvalidRequest`."""
    path = plugboard.row("WEBHOOK_DIALECTS", name)
    if path is None:
        known = ", ".join(plugboard.names("WEBHOOK_DIALECTS"))
        raise InvalidRequest("dialect", f"unknown dialect '{name}'; there are: {known}")
    return cast(Dialect, plugboard.load(path)())
