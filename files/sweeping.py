"""What time takes away: expired objects, uploads that were given up, bytes nobody refers to.

Referrers are found by their foreign keys, so that an app that keeps blobs need not be named here.
A blob is first marked, in one statement that a transaction which takes it up would hold up or see;
then its bytes go, and its row at last. Whatever breaks in between is done by a later sweep.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, ManyToOneRel, OuterRef, Q, QuerySet

from common import clock, scratch
from files import services
from files.models import Blob, StoredObject, Upload

log = logging.getLogger(__name__)
BATCH: Final = 500
SPARED: Final = timedelta(hours=1)
"""Since a blob was taken up or let go of."""
GIVEN_UP: Final = timedelta(days=1)
"""Since bytes began to come that never did; also of temporary files."""
UPLOAD_GIVEN_UP: Final = timedelta(days=7)
LONGEST: Final = 30.0  # seconds of one sweep; the rest is the next one's


def sweep() -> None:
    """Everything that is due, in small transactions."""
    now = clock.now()
    until = clock.monotonic() + LONGEST
    for work in (_expire(now), _give_up(now), _discard(now)):
        for _ in work:
            if clock.monotonic() > until:
                return
    _tidy(now)


def _expire(now: datetime) -> Iterator[None]:
    due = StoredObject.unscoped.filter(expires_at__lte=now).order_by("bucket_id")
    while rows := list(due.values_list("bucket_id", "pk")[:BATCH]):
        for bucket_id, group in groupby(rows, key=lambda row: row[0]):
            ids = [pk for _, pk in group]
            with transaction.atomic():
                bucket = services.lock_bucket(bucket_id)
                services.remove(bucket, list(due.filter(pk__in=ids).select_related("blob")))
        yield


def _give_up(now: datetime) -> Iterator[None]:
    due = Upload.unscoped.filter(created_at__lt=now - UPLOAD_GIVEN_UP)
    while ids := list(due.values_list("pk", flat=True)[:BATCH]):
        Upload.unscoped.filter(pk__in=ids).delete()
        yield


def _discard(now: datetime) -> Iterator[None]:
    """A storage that refuses is asked again by the next sweep."""
    failed: list[Any] = []
    while ids := list(_unused(now).exclude(pk__in=failed).values_list("pk", flat=True)[:BATCH]):
        _unused(now).filter(pk__in=ids).update(is_complete=False)
        marked = list(Blob.unscoped.filter(pk__in=ids, is_complete=False))
        gone = [blob.pk for blob in marked if _delete_bytes(blob)]
        Blob.unscoped.filter(pk__in=gone).delete()
        failed += {blob.pk for blob in marked} - set(gone)
        yield


def _delete_bytes(blob: Blob) -> bool:
    """Whether they are gone."""
    try:
        default_storage.delete(blob.storage_name)
    except Exception:
        log.exception("the bytes of blob %s could not be deleted", blob.pk)
        return False
    return True


def _unused(now: datetime) -> QuerySet[Blob]:
    old = Q(is_complete=True, touched_at__lt=now - SPARED) | Q(touched_at__lt=now - GIVEN_UP)
    rows = Blob.unscoped.filter(old)
    for model, column in _referrers():
        rows = rows.exclude(Exists(model._base_manager.filter(**{column: OuterRef("pk")})))
    return rows


def _referrers() -> list[tuple[Any, str]]:
    """Each model with a foreign key to `Blob`, and the key's name."""
    related = Blob._meta.get_fields(include_hidden=True)
    return [
        (field.related_model, field.field.name)
        for field in related
        if isinstance(field, ManyToOneRel)
    ]


def _tidy(now: datetime) -> None:
    """Temporary files of processes that were killed."""
    oldest = (now - GIVEN_UP).timestamp()
    for path in scratch.folder().glob("*"):
        if _age(path) < oldest:
            path.unlink(missing_ok=True)


def _age(path: Path) -> float:
    """When it was last written to; one that has just gone is as good as new."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
