"""When a failed delivery is tried again. Pure but for its dice."""

import random

from django.conf import settings

MINUTE, HOUR = 60.0, 3600.0
WAITS = (5.0, 5 * MINUTE, 30 * MINUTE, *(hours * HOUR for hours in (2, 5, 10, 14, 20, 24)))
"""Seconds after the first, second, … failed attempt: about 75 hours in all."""
MOST_ATTEMPTS = len(WAITS) + 1
JITTER = 0.2
LONGEST_WAIT = 24 * HOUR
PATIENCE = 5 * 24 * HOUR
"""An endpoint that fails for so many seconds without one success is disabled."""


def wait_after(number: int, retry_after: float | None = None) -> float | None:
    """Seconds to wait after failed attempt `number` (from 1); None: it was the last.

    `retry_after` is the receiver's own wish, and wins up to a day.
    """
    if number >= MOST_ATTEMPTS:
        return None
    if retry_after is not None:
        return min(retry_after, LONGEST_WAIT)
    return scaled(WAITS[number - 1]) * random.uniform(1 - JITTER, 1 + JITTER)


def scaled(seconds: float) -> float:
    """Tests and demonstrations make hours short with WEBHOOK_SCHEDULE_SCALE."""
    scale: float = settings.WEBHOOK_SCHEDULE_SCALE
    return seconds * scale
