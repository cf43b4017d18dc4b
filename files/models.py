"""Buckets and what lies in them: rows about bytes; the bytes themselves are in Django's storage.

Bytes are written once and never changed. A `Blob` row is there before its bytes are, so that none
can be forgotten: what nothing refers to any more is deleted with its bytes by a sweep.

On PostgreSQL a migration gives `StoredObject.path` the collation "C": paths are listed in the order
of their code points, as SQLite and the S3 protocol have it.
"""

from django.db import models

from common import clock
from common.models import OwnedRow


class Bucket(OwnedRow):
    """A named collection of objects. The counters change with its objects, in one transaction."""

    name = models.CharField(max_length=63)
    version = models.PositiveBigIntegerField(
        default=0, help_text="Rises with every object that is put, changed or deleted."
    )
    object_count = models.PositiveBigIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes of all objects.")

    class Meta(OwnedRow.Meta):
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("organisation", "name"), name="bucket_name_once"),
        )

    def __str__(self) -> str:
        return self.name


class Blob(OwnedRow):
    """Bytes in the storage. `size` and digests are known when they are all there."""

    storage_name = models.CharField(max_length=200, unique=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    md5 = models.CharField(max_length=32, blank=True)
    is_complete = models.BooleanField(default=False)
    touched_at = models.DateTimeField(
        default=clock.now,
        help_text="When it was last taken up or let go of; the sweep spares it for a while.",
    )

    class Meta(OwnedRow.Meta):
        indexes = (models.Index(fields=("touched_at",), name="blob_by_age"),)

    def __str__(self) -> str:
        return self.storage_name


class StoredObject(OwnedRow):
    """A blob under a path of a bucket."""

    bucket = models.ForeignKey(Bucket, on_delete=models.CASCADE, related_name="stored")
    path = models.CharField(max_length=1024)
    blob = models.ForeignKey(Blob, on_delete=models.RESTRICT, related_name="+")
    content_type = models.CharField(max_length=200, default="application/octet-stream")
    etag = models.CharField(max_length=80, help_text="Without quotation marks.")
    metadata = models.JSONField(default=dict, blank=True, help_text="Text by lower-case name.")
    updated_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Deleted then.")

    class Meta(OwnedRow.Meta):
        verbose_name = "object"
        ordering = ("bucket", "path")
        constraints = (models.UniqueConstraint(fields=("bucket", "path"), name="object_path_once"),)
        indexes = (
            models.Index(
                fields=("expires_at",),
                condition=models.Q(expires_at__isnull=False),
                name="object_expiry",
            ),
        )

    def __str__(self) -> str:
        return self.path


class Upload(OwnedRow):
    """An object that arrives in parts, until it is completed or given up."""

    bucket = models.ForeignKey(Bucket, on_delete=models.CASCADE, related_name="uploads")
    path = models.CharField(max_length=1024)
    content_type = models.CharField(max_length=200, default="application/octet-stream")
    metadata = models.JSONField(default=dict, blank=True)

    class Meta(OwnedRow.Meta):
        indexes = (
            models.Index(fields=("bucket", "path"), name="upload_by_path"),
            models.Index(fields=("created_at",), name="upload_by_age"),
        )

    def __str__(self) -> str:
        return self.path


class UploadPart(OwnedRow):
    """One part; sent again, the last one stays."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    blob = models.ForeignKey(Blob, on_delete=models.RESTRICT, related_name="+")

    class Meta(OwnedRow.Meta):
        ordering = ("upload", "number")
        constraints = (
            models.UniqueConstraint(fields=("upload", "number"), name="upload_part_once"),
        )

    def __str__(self) -> str:
        return f"{self.upload_id} {self.number}"
