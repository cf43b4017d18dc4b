"""One effect for one idempotency key on routes that only touch the database.

The record is written in the transaction of the effect itself: whoever comes second waits for that
transaction, then finds the record and gets the first answer again. A request that fails leaves
nothing behind, so it may be sent again with the same key.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models.functions import Now

from common import clock
from organisations.actor import Actor
from organisations.models import IdempotencyRecord
from vocabulary.errors import InFlight, InvalidRequest, KeyReused

KEPT = timedelta(hours=24)
WAIT_MS = 3000
_LONGEST_KEY = 255
_LONGEST_ROUTE = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An answer as it was given."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    is_replay: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A request under an idempotency key: who, where, and a hash of what was sent."""

    actor: Actor
    key: str
    route: str
    payload: bytes

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.payload).hexdigest()

    @property
    def place(self) -> str:
        """The route as it is kept: by its hash, where it is too long or no text to a database."""
        if len(self.route) <= _LONGEST_ROUTE and self.route.isprintable():
            return self.route
        return hashlib.sha256(self.route.encode(errors="surrogatepass")).hexdigest()


def once(attempt: Attempt, act: Callable[[], Kept]) -> Kept:
    """Do `act` and keep its answer, or give the answer that was kept.

    Raises `KeyReused` for another request under the same key, `InFlight` if the first one takes
    longer than three seconds.
    """
    if not attempt.key.isprintable() or len(attempt.key) > _LONGEST_KEY:
        raise InvalidRequest("Idempotency-Key", "must be 1 to 255 printable characters")
    if (kept := _find(attempt)) is not None:
        return kept
    try:
        return _act_and_keep(attempt, act)
    except _Lost:
        kept = _find(attempt)
        if kept is None:
            raise InFlight from None
        return kept


class _Lost(Exception):
    """Another request with the same key was first."""


def _act_and_keep(attempt: Attempt, act: Callable[[], Kept]) -> Kept:
    with transaction.atomic():
        record = _claim(attempt)
        answer = act()
        record.status, record.body, record.headers = answer.status, answer.body, answer.headers
        record.save(update_fields=["status", "body", "headers"])
    return answer


def _claim(attempt: Attempt) -> IdempotencyRecord:
    try:
        with transaction.atomic(), _patience():
            return IdempotencyRecord.objects.create(
                organisation_id=attempt.actor.organisation_id,
                key=attempt.key,
                route=attempt.place,
                fingerprint=attempt.fingerprint,
                expires_at=clock.now() + KEPT,
            )
    except (IntegrityError, OperationalError) as error:
        raise _Lost from error


@contextmanager
def _patience() -> Iterator[None]:
    """How long to wait for whoever holds the same key; SQLite has its own busy timeout."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = {WAIT_MS}")
        yield
        cursor.execute("SET LOCAL lock_timeout = DEFAULT")


def _find(attempt: Attempt) -> Kept | None:
    record = (
        IdempotencyRecord.objects.for_organisation(attempt.actor.organisation_id)
        .filter(key=attempt.key, route=attempt.place)
        .first()
    )
    if record is None:
        return None
    if record.fingerprint != attempt.fingerprint:
        raise KeyReused
    return Kept(
        status=record.status or 200,
        body=bytes(record.body or b""),
        headers=record.headers,
        is_replay=True,
    )


def delete_expired() -> None:
    """Forget keys after a day. Periodic work."""
    IdempotencyRecord.unscoped.filter(expires_at__lt=Now()).delete()
