"""Looks after jobs that nobody looks after: expired leases, unheard rings, old history.

Every process that runs jobs has a sweeper; the one that leads works. Two leaders for a moment, as
after a freeze, do no harm: each sweep is made of the queue's conditional updates.
"""

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from common import clock
from jobs import doorbell, leadership, queue, tallies, work, workers
from jobs.models import Job, JobState

LEASE = 5.0  # seconds of leadership
BATCH = 200
HISTORY = timedelta(days=1)
HISTORY_OF_DEAD = timedelta(days=30)
FORGET_EVERY = 60.0  # seconds


class Sweeper:
    """One process's sweeper; `holder` is its worker id."""

    def __init__(self, holder: uuid.UUID) -> None:
        self._holder = holder
        self._leads_until = 0.0
        self._forget_at = 0.0

    def sweep(self) -> None:
        """One pass, if this process leads or may lead."""
        if not self._leads():
            return
        release_expired()
        ring_again()
        if clock.monotonic() >= self._forget_at:
            self._forget_at = clock.monotonic() + FORGET_EVERY
            forget_old()
            workers.forget_lost()

    def _leads(self) -> bool:
        """Renewed at half the lease, so that an idle server does not write every second."""
        now = clock.monotonic()
        if now < self._leads_until:
            return True
        if not leadership.lead("sweeper", self._holder, LEASE):
            return False
        self._leads_until = now + LEASE / 2
        return True


def release_expired() -> None:
    """Give the jobs of lost workers to others, batch by batch."""
    while queue.has_expired():
        with transaction.atomic():
            released = work.release_expired(BATCH)
            tallies.add(tallies.LEASE_EXPIRIES, released)
        doorbell.wake()


def ring_again() -> None:
    """Ring for due jobs that nobody has come for. Without a broker nobody is out of earshot."""
    if not doorbell.has_broker():
        return
    with transaction.atomic():
        unheard = queue.ring_again(BATCH)
        tallies.add(tallies.RINGS_AGAIN, len(unheard))
    if unheard:
        doorbell.ring(unheard[0])


def forget_old() -> None:
    """Delete what ended long ago; until then a `dedupe_key` stays taken."""
    finished = Q(state__in=(JobState.DONE, JobState.CANCELLED), finished_at__lt=Now() - HISTORY)
    dead = Q(state=JobState.DEAD, finished_at__lt=Now() - HISTORY_OF_DEAD)
    while old := list(Job.objects.filter(finished | dead).values_list("id", flat=True)[:1000]):
        Job.objects.filter(id__in=old).delete()
