"""How long a job waits before it is tried again."""

import random

from vocabulary.errors import RateLimited, UpstreamRateLimited

FIRST = 1.0  # seconds, the most after a first failure
LONGEST = 300.0
LONGEST_ASKED = 3600.0


def delay(attempt: int, error: BaseException | None = None, chance: float | None = None) -> float:
    """Seconds until the attempt after number `attempt`: what `error` asks for, else full jitter.

    `chance` from 0 to 1 stands in for the dice.
    """
    asked = _retry_after(error)
    if asked is not None:
        return min(asked, LONGEST_ASKED)
    most = min(LONGEST, FIRST * 2.0 ** min(attempt - 1, 30))
    return most * (random.random() if chance is None else chance)


def _retry_after(error: BaseException | None) -> float | None:
    if isinstance(error, RateLimited | UpstreamRateLimited):
        return error.retry_after
    return None
