"""The documents that answer about buckets, copies and uploads in parts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element as Tree

from common.clock import rfc3339
from surfaces.s3.translate.xml import Element, Malformed, fields, parse, texts
from vocabulary.errors import InvalidRequest

if TYPE_CHECKING:
    from files.models import Bucket, StoredObject, Upload, UploadPart

MOST_KEYS: Final = 1000


# -- in -----------------------------------------------------------------------------------------
def parse_deletion(body: bytes) -> tuple[list[str], bool]:
    """The keys to delete, and whether only failures are to be told."""
    tree = parse(body, "Delete")
    found = list(texts(tree, "Object", "Key", "VersionId"))
    keys = [key for key, _ in found]
    if not 1 <= len(keys) <= MOST_KEYS or not all(keys):
        raise Malformed("Object", f"must name 1 to {MOST_KEYS} keys")
    if any(version.strip() not in {"", "null"} for _, version in found):
        raise InvalidRequest("VersionId", "there are no versions here")
    return keys, (tree.findtext("Quiet") or "").strip().lower() == "true"


def parse_completion(body: bytes) -> list[tuple[int, str]]:
    """The parts of an upload, as (number, etag)."""
    tree: Tree = parse(body, "CompleteMultipartUpload")
    found = list(texts(tree, "Part", "PartNumber", "ETag"))
    numbers = [number.strip() for number, _ in found]
    if not all(n.isascii() and n.isdecimal() and len(n) < 9 for n in numbers):
        raise Malformed("PartNumber", "must be a whole number")
    return [(int(n), etag.strip()) for n, (_, etag) in zip(numbers, found, strict=True)]


# -- out ----------------------------------------------------------------------------------------
def render_buckets(owner: str, buckets: Sequence["Bucket"]) -> Element:
    listed = [
        Element("Bucket", fields(Name=bucket.name, CreationDate=rfc3339(bucket.created_at)))
        for bucket in buckets
    ]
    who = Element("Owner", fields(ID=owner, DisplayName=owner))
    return Element("ListAllMyBucketsResult", [who, Element("Buckets", listed)])


def render_deleted(deleted: Sequence[str]) -> Element:
    return Element("DeleteResult", [Element("Deleted", fields(Key=key)) for key in deleted])


def render_copy(stored: "StoredObject") -> Element:
    told = fields(LastModified=rfc3339(stored.updated_at), ETag=f'"{stored.etag}"')
    return Element("CopyObjectResult", told)


def render_part_copy(part: "UploadPart") -> Element:
    told = fields(LastModified=rfc3339(part.created_at), ETag=f'"{part.blob.md5}"')
    return Element("CopyPartResult", told)


def render_upload(bucket: str, upload: "Upload") -> Element:
    told = fields(Bucket=bucket, Key=upload.path, UploadId=str(upload.pk))
    return Element("InitiateMultipartUploadResult", told)


def render_uploads(bucket: str, uploads: Sequence["Upload"], most: int) -> Element:
    """Of up to `most` uploads; one more stands for those that follow."""
    told = fields(
        Bucket=bucket, MaxUploads=most, IsTruncated="true" if len(uploads) > most else "false"
    )
    uploads = uploads[:most]
    if uploads:
        told += fields(NextKeyMarker=uploads[-1].path, NextUploadIdMarker=str(uploads[-1].pk))
    listed = [
        Element(
            "Upload",
            fields(Key=row.path, UploadId=str(row.pk), Initiated=rfc3339(row.created_at)),
        )
        for row in uploads
    ]
    return Element("ListMultipartUploadsResult", [*told, *listed])


def render_parts(
    bucket: str, upload: "Upload", parts: Sequence["UploadPart"], most: int
) -> Element:
    """Of up to `most` parts; one more stands for those that follow."""
    told = fields(
        Bucket=bucket,
        Key=upload.path,
        UploadId=str(upload.pk),
        MaxParts=most,
        IsTruncated="true" if len(parts) > most else "false",
    )
    parts = parts[:most]
    if parts:
        told += fields(NextPartNumberMarker=parts[-1].number)
    listed = [
        Element(
            "Part",
            fields(
                PartNumber=part.number,
                LastModified=rfc3339(part.created_at),
                ETag=f'"{part.blob.md5}"',
                Size=part.blob.size,
            ),
        )
        for part in parts
    ]
    return Element("ListPartsResult", [*told, *listed])


def render_completed(location: str, bucket: str, stored: "StoredObject") -> Element:
    told = fields(Location=location, Bucket=bucket, Key=stored.path, ETag=f'"{stored.etag}"')
    return Element("CompleteMultipartUploadResult", told)
