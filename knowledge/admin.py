"""Admin of what is known: embedding tasks with their files, indexes, documents, chunks, pages."""

from typing import Final

from django.contrib import admin
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from knowledge.models import Chunk, CrawledPage, Document, DocumentStatus, EmbeddingTask, Index
from organisations.scoping import OwnedFilter, ReadOnlyAdmin
from organisations.telling import BADGES

SHOWN: Final = 100
"""Files in the table of a task; all of them are in the list of documents."""


@admin.register(EmbeddingTask)
class EmbeddingTaskAdmin(ReadOnlyAdmin):
    list_display = (
        "name", "bucket", "kind", "badge", "progress", "created_at", "finished_at", "organisation",
    )  # fmt: skip
    list_filter = ("status", "kind", ("organisation", OwnedFilter))
    list_select_related = ("bucket", "organisation")
    search_fields = ("name", "bucket__name", "url", "error")
    date_hierarchy = "created_at"
    exclude = ("bucket", "total", "done", "failed", "all_found")
    readonly_fields = ("its_bucket", "progress", "files")

    @display(description="status", ordering="status", label=BADGES)
    def badge(self, task: EmbeddingTask) -> str:
        return task.status

    @display(description="progress")
    def progress(self, task: EmbeddingTask) -> SafeString:
        ended, failed = task.done + task.failed, f", {task.failed} failed" if task.failed else ""
        found = "files" if task.all_found else "files found so far"
        return format_html(
            "<progress value='{}' max='{}'></progress> {} of {} {}{}",
            ended, max(task.total, 1), ended, task.total, found, failed,
        )  # fmt: skip

    @display(description="bucket")
    def its_bucket(self, task: EmbeddingTask) -> SafeString:
        address = reverse("admin:files_bucket_change", args=[task.bucket_id])
        return format_html("<a href='{}'>{}</a>", address, task.bucket.name)

    @display(description="files")
    def files(self, task: EmbeddingTask) -> SafeString:
        """Failed ones first."""
        first = Case(
            When(status=DocumentStatus.FAILED, then=Value(0)),
            default=Value(1),
            output_field=IntegerField(),
        )
        rows = Document.unscoped.filter(task=task).order_by(first, "path")[:SHOWN]
        lines = format_html_join(
            "",
            "<tr><td><a href='{}'>{}</a></td><td>{}</td><td>{}</td><td>{}</td></tr>",
            ((_page(row), row.path, row.status, row.chunk_count, row.error_reason) for row in rows),
        )
        every = f"{reverse('admin:knowledge_document_changelist')}?task__id__exact={task.pk}"
        return format_html(
            "<table><tr><th>File</th><th>Status</th><th>Chunks</th><th>Reason</th></tr>{}</table>"
            "<a href='{}'>All of them</a>",
            lines,
            every,
        )

    def get_queryset(self, request: HttpRequest):  # type: ignore[no-untyped-def]
        return super().get_queryset(request).select_related("bucket")


@admin.register(Index)
class IndexAdmin(ReadOnlyAdmin):
    list_display = (
        "bucket", "badge", "model", "dimensions", "chunk_size", "chunk_overlap", "loader",
        "created_at", "organisation",
    )  # fmt: skip
    list_filter = ("state", "loader", ("organisation", OwnedFilter))
    list_select_related = ("bucket", "organisation")
    search_fields = ("bucket__name", "model", "asked_model")

    @display(description="state", ordering="state", label=BADGES)
    def badge(self, index: Index) -> str:
        return index.state


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = (
        "path", "bucket", "badge", "chunk_count", "error_reason", "embedded_at", "organisation",
    )  # fmt: skip
    list_filter = ("status", ("organisation", OwnedFilter))
    list_select_related = ("index__bucket", "organisation")
    search_fields = ("path", "error_reason", "=task__id", "=index__id")

    @display(description="bucket")
    def bucket(self, document: Document) -> str:
        return document.index.bucket.name

    @display(description="status", ordering="status", label=BADGES)
    def badge(self, document: Document) -> str:
        return document.status

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """The page of a task leads here."""
        return lookup == "task__id__exact" or super().lookup_allowed(lookup, value, request)


@admin.register(Chunk)
class ChunkAdmin(ReadOnlyAdmin):
    list_display = ("path", "position", "begin", "created_at", "organisation")
    list_filter = (("organisation", OwnedFilter),)
    list_select_related = ("document", "organisation")
    search_fields = ("=document__path",)
    ordering = ("-id",)
    exclude = ("vector",)

    @display(description="file")
    def path(self, chunk: Chunk) -> str:
        return chunk.document.path

    @display(description="text")
    def begin(self, chunk: Chunk) -> str:
        return chunk.text[:80] + "…" * (len(chunk.text) > 80)


@admin.register(CrawledPage)
class CrawledPageAdmin(ReadOnlyAdmin):
    list_display = ("url", "task", "badge", "depth", "path", "reason", "organisation")
    list_filter = ("state", ("organisation", OwnedFilter))
    list_select_related = ("task", "organisation")
    search_fields = ("url", "path", "=task__id")
    ordering = ("-id",)

    @display(description="state", ordering="state", label=BADGES)
    def badge(self, page: CrawledPage) -> str:
        return page.state


def _page(document: Document) -> str:
    return reverse("admin:knowledge_document_change", args=[document.pk])
