"""What is asked for: a job before it is a row."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from vocabulary.json import JsonObject

MAX_ATTEMPTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work to be done: at `run_at`, or `run_in` seconds from now by the database's clock.

    Of jobs with one `dedupe_key` the first stays. Jobs of one `lane` share slots so that they do
    not delay those of others; it is the organisation unless told otherwise.
    """

    kind: str
    organisation_id: uuid.UUID | None
    subject: uuid.UUID | None = None
    payload: JsonObject = field(default_factory=dict)
    run_at: datetime | None = None
    run_in: float = 0
    dedupe_key: str | None = None
    priority: int = 0
    max_attempts: int = MAX_ATTEMPTS
    lane: uuid.UUID | None = None
