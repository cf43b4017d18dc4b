"""Admin of buckets and what is in them: looked at, filled, fetched and emptied. The page of buckets
is registered by `knowledge.admin`, which knows more of them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from common import clock
from files import links, services
from files.models import Blob, Bucket, StoredObject, Upload, UploadPart
from files.spool import spooled_pieces
from organisations.actor import Actor
from organisations.scoping import OwnedFilter, ReadOnlyAdmin, ReadOnlyInline
from organisations.served import ServedAdmin, ServedForm, Values
from organisations.telling import list_pairs

LARGEST = 25 * 1024 * 1024  # bytes of a file that is sent by a form
LINK_LASTS = timedelta(minutes=1)


# -- buckets ------------------------------------------------------------------------------------
class BucketForm(ServedForm):
    places = {"bucket": "name", "path": "at"}


class FillingForm(ServedForm):
    """A bucket that is there: its name stays, and a file may come."""

    places = {"path": "at"}

    upload = forms.FileField(
        label="File",
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=f"At most {filesizeformat(LARGEST)}; larger ones by the API.",
    )
    at = forms.CharField(
        label="Path",
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Where the file goes, such as manuals/lamp.pdf. Empty: its own name.",
    )


class BucketPages(ServedAdmin):
    """The list and the form. `knowledge.admin` adds what is known of the files, and registers
    the page."""

    empty_hint = "A bucket holds files: add one here, or put a file into it by the API."
    list_display = ("name", "object_count", "bytes", "created_at", "organisation")
    list_filter = (("organisation", OwnedFilter),)
    list_select_related = ("organisation",)
    search_fields = ("name",)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        is_writer = self.has_change_permission(request, obj)
        kwargs["form"] = FillingForm if obj and is_writer else BucketForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ((None, {"fields": ("organisation", "name")}),)
        told = (None, {"fields": (("organisation", "name"), ("objects", "bytes", "created_at"))})
        filled = ("Add a file", {"fields": ("upload", "at")})
        return (told, filled) if self.has_change_permission(request, obj) else (told,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("organisation", "name", "objects", "bytes", "created_at") if obj else ()

    @display(description="size", ordering="size")
    def bytes(self, bucket: Bucket) -> str:
        return filesizeformat(bucket.size)

    @display(description="objects")
    def objects(self, bucket: Bucket) -> str:
        listed = reverse("admin:files_storedobject_changelist")
        text = '<a class="cq-link" href="{}?bucket__id__exact={}">{}</a>'
        return format_html(text, listed, bucket.pk, bucket.object_count)

    def create(self, actor: Actor, values: Values) -> Bucket:
        return services.create_bucket(actor, values["name"])

    def change(self, actor: Actor, row: Bucket, values: Values) -> None:
        if (upload := values.get("upload")) is not None:
            _put(actor, row, upload, values.get("at") or upload.name or "")

    def remove(self, actor: Actor, row: Bucket) -> None:
        services.delete_bucket(actor, row.name)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """One that is not empty stays; the page says which."""
        rows = list(objs)
        shown, counts, refused, _ = super().get_deleted_objects(rows, request)
        return shown, counts, refused, [f"objects of {row}" for row in rows if row.object_count]


def _put(actor: Actor, bucket: Bucket, upload: "UploadedFile[bytes]", at: str) -> None:
    pieces: Iterator[bytes] = upload.chunks()
    with spooled_pieces(pieces, most=LARGEST) as spooled:
        services.put_object(actor, bucket.name, at, spooled, content_type=upload.content_type or "")


# -- objects ------------------------------------------------------------------------------------
@admin.register(StoredObject)
class StoredObjectAdmin(ServedAdmin):
    """What is in a bucket is replaced there, and deleted here."""

    empty_hint = "Files are added on a bucket's page, by the API or by an S3 client."
    list_display = (
        "path", "bucket", "bytes", "content_type", "updated_at", "download", "organisation",
    )  # fmt: skip
    list_filter = (("bucket", OwnedFilter), ("organisation", OwnedFilter))
    list_select_related = ("bucket", "blob", "organisation")
    search_fields = ("path", "content_type")
    fields = (
        ("organisation", "bucket", "path"),
        ("bytes", "content_type", "download"),
        ("etag", "sha256"),
        "described",
        ("created_at", "updated_at", "expires_at"),
    )
    readonly_fields = ("bytes", "sha256", "download", "described", "created_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.download_view)
        own = path("<path:object_id>/download", view, name="files_storedobject_download")
        return [own, *super().get_urls()]

    def download_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To a link that lasts long enough to be followed."""
        row: StoredObject | None = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        token = links.sign(
            row.blob_id,
            filename=row.path.rpartition("/")[2],
            content_type=row.content_type,
            expires_at=clock.now() + LINK_LASTS,
        )
        return redirect(links.url(token, ""))

    @display(description="size", ordering="blob__size")
    def bytes(self, row: StoredObject) -> str:
        return filesizeformat(row.blob.size)

    @display(description="metadata")
    def described(self, row: StoredObject) -> str:
        return list_pairs(row.metadata)

    @display(description="SHA-256")
    def sha256(self, row: StoredObject) -> str:
        return row.blob.sha256

    @display(description="")
    def download(self, row: StoredObject) -> str:
        address = reverse("admin:files_storedobject_download", args=(row.pk,))
        return format_html('<a class="cq-link" href="{}">Download</a>', address)

    def remove(self, actor: Actor, row: StoredObject) -> None:
        services.delete_object(actor, row.bucket.name, row.path)


# -- for a closer look --------------------------------------------------------------------------
@admin.register(Blob)
class BlobAdmin(ReadOnlyAdmin):
    list_display = ("storage_name", "size", "is_complete", "created_at", "organisation")
    list_filter = ("is_complete", ("organisation", OwnedFilter))
    list_select_related = ("organisation",)
    search_fields = ("storage_name", "sha256")


class PartsInline(ReadOnlyInline):
    model = UploadPart
    fields = ("number", "blob", "created_at")
    readonly_fields = fields
    verbose_name_plural = "parts"


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    list_display = ("path", "bucket", "created_at", "organisation")
    list_filter = (("organisation", OwnedFilter),)
    list_select_related = ("bucket", "organisation")
    search_fields = ("path", "bucket__name")
    inlines = (PartsInline,)


@admin.register(UploadPart)
class UploadPartAdmin(ReadOnlyAdmin):
    list_display = ("upload", "number", "created_at", "organisation")
    list_filter = (("organisation", OwnedFilter),)
    list_select_related = ("upload", "organisation")
    search_fields = ("upload__path",)
