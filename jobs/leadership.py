"""Leases on names: of all processes one at a time sweeps, and each periodic function runs once."""

import uuid
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from jobs.models import Leadership

OVER = Q(until__lte=Now())


def lead(name: str, holder: uuid.UUID, seconds: float) -> bool:
    """Take or renew the lease on `name`; False while another holds it."""
    return _hold(name, OVER | Q(holder=holder), holder, seconds)


def take_turn(name: str, holder: uuid.UUID, seconds: float) -> bool:
    """Take the lease on `name` once it has run out, whoever held it."""
    return _hold(name, OVER, holder, seconds)


def set_turn(name: str, holder: uuid.UUID, seconds: float) -> None:
    """Let the holder's lease run out in `seconds` from now."""
    Leadership.objects.filter(name=name, holder=holder).update(until=_in(seconds))


def find_taken() -> set[str]:
    """Names whose lease has not run out."""
    return set(Leadership.objects.exclude(OVER).values_list("name", flat=True))


def _hold(name: str, claimable: Q, holder: uuid.UUID, seconds: float) -> bool:
    rows = Leadership.objects.filter(name=name)
    if not rows.exists():
        Leadership.objects.bulk_create([Leadership(name=name, until=Now())], ignore_conflicts=True)
    return bool(rows.filter(claimable).update(holder=holder, until=_in(seconds)))


def _in(seconds: float) -> object:
    return Now() + timedelta(seconds=seconds)
