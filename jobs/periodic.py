"""The registry's periodic functions: each is called by whichever process takes its turn first."""

import logging
import uuid

from django.conf import settings

from common import plugboard
from jobs import leadership

logger = logging.getLogger(__name__)
LONGEST = 60.0  # seconds that a call may take before another process takes the next turn


def run_due(holder: uuid.UUID) -> None:
    """Call the functions whose interval has passed since the last call began or ended."""
    taken = leadership.find_taken()
    for name, (seconds, path) in settings.PERIODIC.items():
        turn = f"periodic {name}"
        if turn not in taken and leadership.take_turn(turn, holder, max(seconds, LONGEST)):
            _call(name, path)
            leadership.set_turn(turn, holder, seconds)


def _call(name: str, path: str) -> None:
    """One that fails is tried again at its next turn, and does not keep the others from theirs."""
    try:
        plugboard.load(path)()
    except Exception:
        logger.exception("periodic work %s failed", name)
