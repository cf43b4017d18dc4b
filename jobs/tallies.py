"""Counts for the operator that outlive processes, kept in the transaction that they count."""

from django.db.models import F

from jobs.models import Tally

LEASE_EXPIRIES = "lease_expiries"
RINGS_AGAIN = "rings_again"


def add(name: str, number: int) -> None:
    if not number:
        return
    if not Tally.objects.filter(name=name).update(value=F("value") + number):
        Tally.objects.bulk_create([Tally(name=name)], ignore_conflicts=True)
        Tally.objects.filter(name=name).update(value=F("value") + number)
