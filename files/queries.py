"""Reads of buckets and what is in them. What has expired is not there, swept or not."""

import uuid
from typing import Final

from django.db.models import Q, QuerySet

from common import clock
from files.models import Blob, Bucket, StoredObject
from organisations.actor import Actor
from vocabulary.errors import NotFound

MOST: Final = 1000
NUL: Final = "\x00"
"""In no name; PostgreSQL does not even look for it."""
_LAST: Final = chr(0x10FFFF)


def find_buckets(actor: Actor) -> list[Bucket]:
    """All of them, by name."""
    return list(Bucket.objects.for_organisation(actor.organisation_id).order_by("name"))


def get_bucket(actor: Actor, name: str) -> Bucket:
    rows = Bucket.objects.for_organisation(actor.organisation_id)
    if NUL in name or (bucket := rows.filter(name=name).first()) is None:
        raise NotFound(f"there is no bucket '{name}'")
    return bucket


def get_object(actor: Actor, bucket_name: str, path: str) -> StoredObject:
    """With its blob and bucket."""
    rows = find_stored(actor).filter(bucket__name=bucket_name, path=path)
    named = rows.select_related("blob", "bucket")
    if NUL in bucket_name + path or (stored := named.first()) is None:
        raise NotFound(f"there is nothing at '{path}' in bucket '{bucket_name}'")
    return stored


def get_blob(blob_id: uuid.UUID) -> Blob:
    """For who was given its id in a signed link."""
    if (blob := Blob.unscoped.filter(pk=blob_id, is_complete=True).first()) is None:
        raise NotFound("this file is not there any more")
    return blob


def find_objects(
    actor: Actor, bucket_name: str, *, prefix: str = "", after: str = "", limit: int = MOST
) -> list[StoredObject]:
    """Those whose paths begin with `prefix` and stand behind `after`, with their blobs, in the
    order of code points; `NotFound` if there is no such bucket."""
    bucket = get_bucket(actor, bucket_name)
    rows = find_stored(actor).filter(bucket=bucket, path__gt=after)
    if prefix:
        rows = rows.filter(path__gte=prefix)
        if end := end_of(prefix):
            rows = rows.filter(path__lt=end)
    return list(rows.select_related("blob").order_by("path")[:limit])


def find_stored(actor: Actor) -> QuerySet[StoredObject]:
    """What has not expired."""
    rows = StoredObject.objects.for_organisation(actor.organisation_id)
    return rows.filter(Q(expires_at=None) | Q(expires_at__gt=clock.now()))


def end_of(prefix: str) -> str:
    """The least text that stands behind all that begin with `prefix`; empty if there is none."""
    kept = prefix.rstrip(_LAST)
    if not kept:
        return ""
    following = ord(kept[-1]) + 1
    return kept[:-1] + chr(0xE000 if following == 0xD800 else following)
