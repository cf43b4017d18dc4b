"""What one inference used, as a plain value, and the one way such values become rows."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from operator import attrgetter

from common import clock, ids
from common.bulk import BulkInsert
from usage.models import UsageRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the ledger, as `UsageRecord` explains it."""

    organisation_id: uuid.UUID
    requested_model: str
    purpose: str = "chat"
    outcome: str = "ok"
    model: str = ""
    served_by: str = ""
    surface: str = ""
    request_id: str = ""
    end_user: str = ""
    error: str = ""
    streamed: bool = False
    estimated: bool = False
    api_key_id: uuid.UUID | None = None
    conversation_id: uuid.UUID | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    audio_tokens: int = 0
    audio_seconds: Decimal = Decimal(0)
    characters: int = 0
    cost: Decimal | None = None
    latency_ms: int = 0
    first_token_ms: int | None = None
    id: uuid.UUID = field(default_factory=ids.new_uuid)
    at: datetime = field(default_factory=clock.now)
    created_at: datetime = field(default_factory=clock.now)


_NAMES = tuple(f.name for f in fields(Entry))
_read = attrgetter(*_NAMES)
_records = BulkInsert(UsageRecord, _NAMES)


def insert(entries: Sequence[Entry]) -> None:
    """Add these to the ledger, inside the caller's transaction."""
    _records.insert(map(_read, entries))


def insert_missing(entries: Sequence[Entry]) -> None:
    """Add those of these that are not in the ledger yet."""
    records = [UsageRecord(**dict(zip(_NAMES, _read(entry), strict=True))) for entry in entries]
    UsageRecord.objects.bulk_create(records, ignore_conflicts=True)
