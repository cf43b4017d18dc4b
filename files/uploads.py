"""Objects that arrive in parts: each part is a blob, until all are put together into one.

The order of parts is that of their numbers, whatever order they came in.
"""

import hashlib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from django.db import transaction
from django.db.models import Q

from common.deadlocks import again_after_deadlock
from files import names, queries, quota, services
from files.blobs import delete_blob, let_go, make_blob, take
from files.contents import read_pieces
from files.models import StoredObject, Upload, UploadPart
from files.spool import Spooled, spooled_pieces
from organisations.actor import Actor
from vocabulary.errors import DomainError, InvalidRequest, NotFound

MOST_PARTS: Final = 10_000


def start_upload(
    actor: Actor,
    bucket_name: str,
    path: str,
    *,
    content_type: str = "",
    metadata: Mapping[str, str] | None = None,
) -> Upload:
    """Begin one; the bucket is made if need be."""
    names.check_path(path)
    names.check_metadata(metadata or {})
    return Upload.objects.create(
        organisation_id=actor.organisation_id,
        bucket=services.ensure_bucket(actor, bucket_name),
        path=path,
        content_type=names.settle_content_type(content_type, path),
        metadata=dict(metadata or {}),
    )


def get_upload(actor: Actor, upload_id: uuid.UUID) -> Upload:
    """With its bucket."""
    rows = Upload.objects.for_organisation(actor.organisation_id).select_related("bucket")
    if (upload := rows.filter(pk=upload_id).first()) is None:
        raise NotFound("there is no such upload")
    return upload


def find_uploads(
    actor: Actor,
    bucket_name: str,
    *,
    prefix: str = "",
    after: tuple[str, str] = ("", ""),
    limit: int = 1000,
) -> list[Upload]:
    """Those that are not completed, by path, behind a path or behind an upload of one (its id)."""
    path, upload_id = after
    behind = Q(path__gt=path)
    if upload_id:
        behind |= Q(path=path, pk__gt=_parse_id(upload_id))
    rows = Upload.objects.for_organisation(actor.organisation_id).filter(behind)
    if prefix:
        rows = rows.filter(path__gte=prefix)
        if end := queries.end_of(prefix):
            rows = rows.filter(path__lt=end)
    return list(rows.filter(bucket__name=bucket_name).order_by("path", "pk")[:limit])


def _parse_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise InvalidRequest("upload_id", "is the id of no upload") from None


def find_parts(
    actor: Actor, upload_id: uuid.UUID, *, after: int = 0, limit: int = 1000
) -> list[UploadPart]:
    """Those that have arrived, by number, with their blobs; a part's etag is its blob's MD5."""
    upload = get_upload(actor, upload_id)
    rows = UploadPart.unscoped.filter(upload=upload, number__gt=after).select_related("blob")
    return list(rows.order_by("number")[:limit])


def put_part(actor: Actor, upload_id: uuid.UUID, number: int, spooled: Spooled) -> UploadPart:
    """Store a part, instead of one of the same number."""
    if not 1 <= number <= MOST_PARTS:
        raise InvalidRequest("part_number", f"must be between 1 and {MOST_PARTS}")
    get_upload(actor, upload_id)
    blob = make_blob(actor.organisation_id, spooled)
    part = UploadPart(
        organisation_id=actor.organisation_id, upload_id=upload_id, number=number, blob=blob
    )
    try:
        return _place(actor, part)
    except DomainError:
        delete_blob(blob)
        raise


@again_after_deadlock
@transaction.atomic
def _place(actor: Actor, part: UploadPart) -> UploadPart:
    organisation = quota.lock(actor.organisation_id)
    if not Upload.unscoped.select_for_update().filter(pk=part.upload_id).exists():
        raise NotFound("there is no such upload")
    same = UploadPart.unscoped.filter(upload_id=part.upload_id, number=part.number)
    there = same.select_related("blob").first()
    quota.check(organisation, part.blob.size - (there.blob.size if there else 0))
    take(part.blob_id)
    if there is not None:
        let_go([there.blob_id])
        part.pk = there.pk
        part._state.adding = False
    part.save()
    return part


def complete_upload(
    actor: Actor,
    upload_id: uuid.UUID,
    parts: Sequence[tuple[int, str]],
    *,
    check: services.Check | None = None,
) -> StoredObject:
    """Put the named parts (number, etag) together as the object, and end the upload.

    They must be in order and have arrived with these etags; others are dropped. The etag is S3's:
    the MD5 of the parts' MD5s, a hyphen, their count.
    """
    upload = get_upload(actor, upload_id)
    chosen = _choose(upload, parts)
    size = sum(part.blob.size for part in chosen)

    def end(there: StoredObject | None) -> None:
        if check is not None:
            check(there)
        _end(upload)

    with spooled_pieces(_pieces(chosen), most=size) as whole:
        return services.put_object(
            actor,
            upload.bucket.name,
            upload.path,
            whole,
            content_type=upload.content_type,
            metadata=upload.metadata,
            etag=_etag(chosen),
            check=end,
        )


def abort_upload(actor: Actor, upload_id: uuid.UUID) -> None:
    """Drop an upload and its parts."""
    upload = get_upload(actor, upload_id)
    with transaction.atomic():
        _end(upload)


def _end(upload: Upload) -> None:
    """Within the transaction that decides; of two who complete it, one finds it gone."""
    if not Upload.unscoped.select_for_update().filter(pk=upload.pk).exists():
        raise NotFound("there is no such upload")
    let_go(list(upload.parts.values_list("blob_id", flat=True)))
    upload.parts.all().delete()
    Upload.unscoped.filter(pk=upload.pk).delete()


def _choose(upload: Upload, parts: Sequence[tuple[int, str]]) -> list[UploadPart]:
    if not parts:
        raise InvalidRequest("parts", "names no part")
    there = {part.number: part for part in upload.parts.select_related("blob")}
    last = 0
    for index, (number, etag) in enumerate(parts):
        if number <= last:
            raise InvalidRequest(f"parts[{index}]", "parts must be named in order")
        if number not in there or there[number].blob.md5 != etag.strip('"').lower():
            raise InvalidRequest(f"parts[{index}]", f"part {number} did not arrive with this etag")
        last = number
    return [there[number] for number, _ in parts]


def _pieces(parts: Sequence[UploadPart]) -> Iterator[bytes]:
    for part in parts:
        yield from read_pieces(part.blob)


def _etag(parts: Sequence[UploadPart]) -> str:
    digests = b"".join(bytes.fromhex(part.blob.md5) for part in parts)
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"
