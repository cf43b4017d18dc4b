"""What must be there before this process gets traffic."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from common import plugboard
from config import draining
from jobs.queries import workers_seen

type Fault = str | None

# Loaded by its path: without a broker no process pays for Celery.
CHECK_BROKER: Final = "jobs.publisher.check_broker"


def find_missing() -> Mapping[str, str]:
    """What is missing, with why. While the database is away, nothing that needs it is looked at."""
    return dict(_find_missing())


def _find_missing() -> Iterator[tuple[str, str]]:
    if draining.is_draining():
        yield "process", "is stopping"
    if fault := _database():
        yield "database", fault
    else:
        yield from _faults({"migrations": _migrations, "worker": _worker})
    yield from _faults({"broker": _broker})


def _faults(checks: Mapping[str, Callable[[], Fault]]) -> Iterator[tuple[str, str]]:
    for name, check in checks.items():
        if fault := check():
            yield name, fault


def _database() -> Fault:
    """Errors are told by their type alone: their texts may hold addresses and names."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError, OSError) as error:
        connection.close()
        return f"does not answer ({type(error).__name__})"
    return None


def _migrations() -> Fault:
    missing = _known_migrations() - MigrationRecorder(connection).applied_migrations().keys()
    return f"{len(missing)} are not applied" if missing else None


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations or ())


def _worker() -> Fault:
    return None if workers_seen() else "none was seen lately"


def _broker() -> Fault:
    if not settings.CELERY_BROKER_URL:
        return None
    try:
        plugboard.load(CHECK_BROKER)()
    except Exception as error:  # each transport has its own
        return f"does not answer ({type(error).__name__})"
    return None
