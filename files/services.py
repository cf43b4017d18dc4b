"""Writes of buckets and objects. An object's bytes are in the storage before its row is.

A change of an object and of its bucket's counters and version are one transaction. Whoever adds
bytes locks the organisation first and the bucket then; whoever removes some, the bucket alone.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypedDict, Unpack

from django.db import transaction
from django.db.models import F, QuerySet

from common import clock
from common.deadlocks import again_after_deadlock
from files import names, queries, quota
from files.blobs import delete_blob, let_go, make_blob, take
from files.models import Blob, Bucket, StoredObject
from files.spool import Spooled, spooled_bytes
from organisations import audit
from organisations.actor import Actor
from vocabulary.errors import Conflict, DomainError, NotFound

MOST_AT_ONCE: Final = 1000

type Check = Callable[[StoredObject | None], None]
"""Called in the transaction, before anything is counted, with what is at the path by now; raises to
refuse."""


class Details(TypedDict, total=False):
    """What `put_object` takes besides the bytes."""

    content_type: str
    metadata: Mapping[str, str] | None
    expires_at: datetime | None
    etag: str
    check: Check | None


# -- buckets ------------------------------------------------------------------------------------
def create_bucket(actor: Actor, name: str) -> Bucket:
    """Make an empty bucket; `Conflict` if there is one of this name."""
    bucket, is_new = _ensure(actor, name)
    if not is_new:
        raise Conflict(f"there is a bucket '{name}' already")
    return bucket


def ensure_bucket(actor: Actor, name: str) -> Bucket:
    """The bucket of this name, made if need be."""
    return _ensure(actor, name)[0]


@again_after_deadlock
def delete_bucket(actor: Actor, name: str) -> None:
    """Delete an empty bucket, with uploads that were never completed; else `Conflict`."""
    with transaction.atomic():
        bucket = _lock(actor, name)
        if StoredObject.unscoped.filter(bucket=bucket).exists():
            raise Conflict(f"the bucket '{name}' is not empty")
        audit.record(actor, "bucket.delete", bucket, name=name)
        bucket.delete()


def _ensure(actor: Actor, name: str) -> tuple[Bucket, bool]:
    return _find_or_make(actor, name, Bucket.objects.for_organisation(actor.organisation_id))


def _hold(actor: Actor, name: str) -> Bucket:
    """Locked, and made if need be: one that is deleted while we wait for it is made anew."""
    mine = Bucket.objects.for_organisation(actor.organisation_id)
    return _find_or_make(actor, name, mine.select_for_update())[0]


def _find_or_make(actor: Actor, name: str, rows: QuerySet[Bucket]) -> tuple[Bucket, bool]:
    names.check_bucket_name(name)
    with transaction.atomic():
        owner = {"organisation_id": actor.organisation_id}
        bucket, is_new = rows.get_or_create(name=name, defaults=owner)
        if is_new:
            audit.record(actor, "bucket.create", bucket, name=name)
    return bucket, is_new


def _lock(actor: Actor, name: str) -> Bucket:
    rows = Bucket.objects.for_organisation(actor.organisation_id).select_for_update()
    if (bucket := rows.filter(name=name).first()) is None:
        raise NotFound(f"there is no bucket '{name}'")
    return bucket


# -- objects in ---------------------------------------------------------------------------------
def put_object(
    actor: Actor,
    bucket_name: str,
    path: str,
    spooled: Spooled,
    *,
    content_type: str = "",
    metadata: Mapping[str, str] | None = None,
    expires_at: datetime | None = None,
    etag: str = "",
    check: Check | None = None,
) -> StoredObject:
    """Store a file at `path`, instead of what was there; the bucket is made if need be.

    `content_type` is guessed from the path where none is given. The etag is the MD5 of the bytes
    unless another is given. `TooLarge` beyond the organisation's quota.
    """
    draft = _draft(actor, bucket_name, path, content_type, metadata)
    draft.blob = make_blob(actor.organisation_id, spooled)
    draft.etag, draft.expires_at = etag or draft.blob.md5, expires_at
    try:
        return _place(actor, bucket_name, draft, check)
    except DomainError:
        delete_blob(draft.blob)
        raise


def put_bytes(
    actor: Actor, bucket_name: str, path: str, data: bytes, **details: Unpack[Details]
) -> StoredObject:
    """The same for bytes at hand."""
    with spooled_bytes(data) as spooled:
        return put_object(actor, bucket_name, path, spooled, **details)


def place_blob(
    actor: Actor,
    bucket_name: str,
    path: str,
    blob: Blob,
    *,
    content_type: str = "",
    metadata: Mapping[str, str] | None = None,
) -> StoredObject:
    """The same for bytes that `make_blob` has brought in: this may stand in a transaction."""
    draft = _draft(actor, bucket_name, path, content_type, metadata)
    draft.blob, draft.etag = blob, blob.md5
    return _place(actor, bucket_name, draft, None)


def copy_object(
    actor: Actor,
    source_bucket: str,
    source_path: str,
    bucket_name: str,
    path: str,
    *,
    content_type: str = "",
    metadata: Mapping[str, str] | None = None,
    check: Check | None = None,
) -> StoredObject:
    """Store the same bytes at another path; none are moved, for blobs never change.

    With `metadata` the copy has this and `content_type`; without, it has those of its source.
    """
    draft = _draft(actor, bucket_name, path, content_type, metadata)
    source = queries.get_object(actor, source_bucket, source_path)
    draft.blob, draft.etag, draft.expires_at = source.blob, source.etag, source.expires_at
    if metadata is None:
        draft.content_type, draft.metadata = source.content_type, source.metadata
    return _place(actor, bucket_name, draft, check)


def _draft(
    actor: Actor,
    bucket_name: str,
    path: str,
    content_type: str,
    metadata: Mapping[str, str] | None,
) -> StoredObject:
    """What can be judged before any bytes are moved is judged here."""
    names.check_bucket_name(bucket_name)
    names.check_path(path)
    names.check_metadata(metadata or {})
    return StoredObject(
        organisation_id=actor.organisation_id,
        path=path,
        content_type=names.settle_content_type(content_type, path),
        metadata=dict(metadata or {}),
    )


@again_after_deadlock
@transaction.atomic
def _place(
    actor: Actor, bucket_name: str, draft: StoredObject, check: Check | None
) -> StoredObject:
    organisation = quota.lock(actor.organisation_id)
    bucket = _hold(actor, bucket_name)
    there = (
        StoredObject.unscoped.filter(bucket=bucket, path=draft.path).select_related("blob").first()
    )
    if check is not None:
        is_gone = there is None or (there.expires_at and there.expires_at <= clock.now())
        check(None if is_gone else there)
    growth = draft.blob.size - (there.blob.size if there else 0)
    quota.check(organisation, growth)
    take(draft.blob_id)
    draft.bucket = bucket
    if there is not None:
        let_go([there.blob_id])
        draft.pk, draft.created_at = there.pk, there.created_at
        draft._state.adding = False
    draft.save()
    _count(bucket, objects=0 if there else 1, size=growth)
    return draft


# -- objects out --------------------------------------------------------------------------------
def delete_object(actor: Actor, bucket_name: str, path: str) -> None:
    """`NotFound` if there is no such object."""
    if not delete_objects(actor, bucket_name, [path]):
        raise NotFound(f"there is nothing at '{path}' in bucket '{bucket_name}'")


@again_after_deadlock
def delete_objects(actor: Actor, bucket_name: str, paths: Sequence[str]) -> set[str]:
    """Delete those of at most 1,000 paths that are there; which those were."""
    with transaction.atomic():
        bucket = _lock(actor, bucket_name)
        rows = StoredObject.unscoped.filter(bucket=bucket, path__in=paths[:MOST_AT_ONCE])
        return set(remove(bucket, list(rows.select_related("blob"))))


def remove(bucket: Bucket, rows: Sequence[StoredObject]) -> list[str]:
    """Delete these rows of a locked bucket; their paths."""
    if rows:
        let_go([row.blob_id for row in rows])
        StoredObject.unscoped.filter(pk__in=[row.pk for row in rows]).delete()
        _count(bucket, objects=-len(rows), size=-sum(row.blob.size for row in rows))
    return [row.path for row in rows]


def _count(bucket: Bucket, *, objects: int, size: int) -> None:
    Bucket.unscoped.filter(pk=bucket.pk).update(
        version=F("version") + 1,
        object_count=F("object_count") + objects,
        size=F("size") + size,
    )


def lock_bucket(id: uuid.UUID) -> Bucket:
    """For the engine; in a transaction."""
    return Bucket.unscoped.select_for_update().get(pk=id)
