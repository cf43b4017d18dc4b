"""The one place that asks what time it is; tests freeze it here."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Wall-clock time, UTC. What several machines must agree on uses the database's clock."""
    return datetime.now(UTC)


def unix() -> int:
    """Wall-clock time in whole Unix seconds."""
    return int(time.time())


def monotonic() -> float:
    """Seconds that never run backwards, for deadlines and durations."""
    return time.monotonic()


def rfc3339(at: datetime) -> str:
    """An instant as `2026-07-01T12:00:00.000Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def rfc3339_or_none(at: datetime | None) -> str | None:
    """The same, of what may not have happened yet."""
    return None if at is None else rfc3339(at)
