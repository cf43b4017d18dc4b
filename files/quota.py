"""How many bytes an organisation's files may have together, and how many they have.

Objects count with their size, copies as well; parts of unfinished uploads count too.
"""

import uuid

from django.conf import settings
from django.db.models import Sum

from files.models import Bucket, StoredObject, UploadPart
from organisations.actor import Actor
from organisations.models import Organisation
from vocabulary.errors import TooLarge


def find_room(actor: Actor, bucket_name: str, path: str) -> int:
    """Bytes that an object at this path may have now. A hint that saves reading what will be
    refused: `lock` and `check` decide."""
    row = Organisation.objects.get(pk=actor.organisation_id)
    there = (
        StoredObject.objects.for_organisation(actor.organisation_id)
        .filter(bucket__name=bucket_name, path=path)
        .values_list("blob__size", flat=True)
        .first()
    )
    return max(find_quota(row) - find_used(row.pk) + (there or 0), 0)


def find_quota(organisation: Organisation) -> int:
    own = organisation.storage_quota_bytes
    quota: int = settings.STORAGE_QUOTA_BYTES if own is None else own
    return quota


def find_used(organisation_id: uuid.UUID) -> int:
    """In bytes."""
    buckets = Bucket.objects.for_organisation(organisation_id)
    parts = UploadPart.objects.for_organisation(organisation_id)
    stored: int | None = buckets.aggregate(all=Sum("size"))["all"]
    waiting: int | None = parts.aggregate(all=Sum("blob__size"))["all"]
    return (stored or 0) + (waiting or 0)


def lock(organisation_id: uuid.UUID) -> Organisation:
    """Let nobody else add to these files before the transaction ends. Rows that merely refer to
    the organisation are not held up."""
    return Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)


def check(organisation: Organisation, growth: int) -> None:
    """Raise `TooLarge` if so many more bytes are too many; under `lock`."""
    quota = find_quota(organisation)
    if growth > 0 and (used := find_used(organisation.pk)) + growth > quota:
        raise TooLarge(
            f"your files may have {quota} bytes together; they have {used}, and {growth} more came"
        )
