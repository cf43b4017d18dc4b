"""Counters that say whether what a process keeps in memory is still true.

A change bumps its counter in its own transaction; a reader compares the counter it loaded at.
"""

from django.db.models import F

from organisations.models import Revision

KEYS = "keys"
PROVIDERS = "providers"


def bump(name: str) -> None:
    """Tell every process, from this transaction's commit on, to load `name` anew."""
    if not Revision.objects.filter(name=name).update(value=F("value") + 1):
        Revision.objects.get_or_create(name=name, defaults={"value": 1})


def current() -> dict[str, int]:
    """All counters, in one query; one that was never bumped is absent."""
    return dict(Revision.objects.values_list("name", "value"))
