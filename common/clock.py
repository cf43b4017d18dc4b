"""The one place that asks what time it is; tests freeze it here."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Wall-clock time, UTC. Expiry that several machines must agree on uses the database's clock."""
    return datetime.now(UTC)


def unix() -> int:
    """Wall-clock time in whole Unix seconds."""
    return int(time.time())


def monotonic() -> float:
    """Seconds that never run backwards, for deadlines and durations."""
    return time.monotonic()
