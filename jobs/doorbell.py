"""The doorbell: tells a runner that work has come.

Losing, repeating, reordering or forging a ring is harmless: runners look at the table anyway. A
ring says nothing but a job's id, and whoever hears it looks for any due job.
"""

import uuid
from collections.abc import Callable

from django.conf import settings

from common import plugboard

# Loaded by its path at the first ring: without a broker no process pays for Celery.
PUBLISH = "jobs.publisher.publish"

_listeners: list[Callable[[], None]] = []


def ring(job_id: uuid.UUID) -> None:
    """Wake the runner of this process, and through the broker, if there is one, of another.

    Returns at once and never raises.
    """
    wake()
    if has_broker():
        plugboard.load(PUBLISH)(job_id)


def wake() -> None:
    """Wake the runners of this process."""
    for listener in tuple(_listeners):
        listener()


def has_broker() -> bool:
    return bool(settings.CELERY_BROKER_URL)


def listen(listener: Callable[[], None]) -> None:
    _listeners.append(listener)


def unlisten(listener: Callable[[], None]) -> None:
    if listener in _listeners:
        _listeners.remove(listener)
