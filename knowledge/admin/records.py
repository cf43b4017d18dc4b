"""Indexes, and what is in them: documents, chunks, and the pages of crawls."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from knowledge.models import Chunk, CrawledPage, Document, DocumentStatus, Index, IndexState
from organisations.scoping import OwnedFilter, ReadOnlyAdmin, ReadOnlyInline
from organisations.telling import BADGES, badge_of, list_pairs

BEGIN = 80  # characters of a text in a list


@admin.register(Index)
class IndexAdmin(ReadOnlyAdmin):
    empty_hint = "An index is made when a bucket is embedded, on its page or by the API."
    list_display = (
        "bucket", "badge", "model", "dimensions", "chunk_size", "chunk_overlap", "loader",
        "created_at", "organisation",
    )  # fmt: skip
    list_filter = ("state", "loader", ("organisation", OwnedFilter))
    list_select_related = ("bucket", "organisation")
    search_fields = ("bucket__name", "model", "asked_model")
    search_help_text = "An id, a bucket, a model"
    fields = (
        ("organisation", "bucket", "search"),
        ("standing", "known"),
        ("model", "dimensions"),
        ("loader", "chunk_size", "chunk_overlap"),
        "created_at",
    )
    readonly_fields = ("search", "standing", "known", "created_at")

    @display(description="state", ordering="state", label=BADGES)
    def badge(self, index: Index) -> tuple[str, str]:
        return badge_of(index.state)

    @display(description="state")
    def standing(self, index: Index) -> str:
        return _STANDING[IndexState(index.state)]

    @display(description="documents")
    def known(self, index: Index) -> SafeString:
        rows = index.documents.filter(status=DocumentStatus.EMBEDDED)
        listed = reverse("admin:knowledge_document_changelist")
        text = "<a class='cq-link' href='{}?index__id__exact={}'>{} embedded</a>"
        return format_html(text, listed, index.pk, rows.count())

    @display(description="search")
    def search(self, index: Index) -> SafeString:
        address = reverse("admin:files_bucket_search", args=[index.bucket_id])
        return format_html("<a class='cq-link' href='{}'>Try one</a>", address)


class ChunksInline(ReadOnlyInline):
    model = Chunk
    fields = ("position", "text")
    readonly_fields = fields
    verbose_name_plural = "chunks"
    per_page: int | None = 20  # type: ignore[assignment]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("vector").order_by("position")


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    empty_hint = "Documents are the files of embedded buckets."
    list_display = (
        "path", "bucket", "badge", "chunk_count", "error_reason", "embedded_at", "organisation",
    )  # fmt: skip
    list_filter = ("status", ("organisation", OwnedFilter))
    list_select_related = ("index__bucket", "organisation")
    search_fields = ("path", "error_reason", "=task__id", "=index__id")
    search_help_text = "A path, words of the reason, the id of a task or an index"
    fields = (
        ("organisation", "bucket", "path"),
        ("status", "chunk_count"),
        "error_reason",
        ("index", "task"),
        "checksum",
        ("updated_at", "embedded_at"),
    )
    readonly_fields = ("bucket",)
    inlines = (ChunksInline,)

    @display(description="bucket")
    def bucket(self, document: Document) -> str:
        return document.index.bucket.name

    @display(description="status", ordering="status", label=BADGES)
    def badge(self, document: Document) -> tuple[str, str]:
        return badge_of(document.status)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("index__bucket", "task")

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj is not None and obj.chunk_count else ()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """The pages of tasks and indexes lead here."""
        ours = lookup in ("task__id__exact", "index__id__exact")
        return ours or super().lookup_allowed(lookup, value, request)


@admin.register(Chunk)
class ChunkAdmin(ReadOnlyAdmin):
    list_display = ("path", "position", "begin", "created_at", "organisation")
    list_filter = (("organisation", OwnedFilter),)
    list_select_related = ("document", "organisation")
    search_fields = ("=document__path",)
    ordering = ("-id",)
    fields = (("organisation", "index", "document"), "position", "text", "described")
    readonly_fields = ("described",)

    @display(description="file")
    def path(self, chunk: Chunk) -> str:
        return chunk.document.path

    @display(description="metadata")
    def described(self, chunk: Chunk) -> str:
        return list_pairs(chunk.metadata)

    @display(description="text")
    def begin(self, chunk: Chunk) -> str:
        return chunk.text[:BEGIN] + "…" * (len(chunk.text) > BEGIN)


@admin.register(CrawledPage)
class CrawledPageAdmin(ReadOnlyAdmin):
    list_display = ("url", "task", "badge", "depth", "path", "reason", "organisation")
    list_filter = ("state", ("organisation", OwnedFilter))
    list_select_related = ("task", "organisation")
    search_fields = ("url", "path", "=task__id")
    fields = (("organisation", "task"), ("url", "depth"), ("state", "reason"), "path", "created_at")
    readonly_fields = ("created_at",)
    ordering = ("-id",)

    @display(description="state", ordering="state", label=BADGES)
    def badge(self, page: CrawledPage) -> tuple[str, str]:
        return badge_of(page.state)


_STANDING = {
    IndexState.BUILDING: "Being built: it takes the active one's place when it is whole",
    IndexState.ACTIVE: "Active: searches read it",
    IndexState.RETIRED: "Retired: another one took its place, and it is deleted soon",
}
