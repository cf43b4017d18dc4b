"""Counters that say whether what a process keeps in memory is still true.

A change bumps its counter in its own transaction; a reader compares the counter it loaded at.
"""

from django.db import connection
from django.db.models import F

from organisations.models import Revision

KEYS = "keys"
PROVIDERS = "providers"
_CURRENT = f"SELECT name, value FROM {Revision._meta.db_table}"
"""Asked for by every live request; the ORM would take twice as long over it."""


def bump(name: str) -> None:
    """Tell every process, from this transaction's commit on, to load `name` anew."""
    if not Revision.objects.filter(name=name).update(value=F("value") + 1):
        Revision.objects.get_or_create(name=name, defaults={"value": 1})


def current() -> dict[str, int]:
    """All counters, in one query; one that was never bumped is absent."""
    with connection.cursor() as cursor:
        cursor.execute(_CURRENT)
        return dict(cursor.fetchall())
