"""Embedding tasks: how far each is, which files failed and why. The page follows a task that is
under way."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.contrib import admin
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from knowledge.indexes import OPEN
from knowledge.models import CrawledPage, Document, DocumentStatus, EmbeddingTask, PageState
from organisations.scoping import OwnedFilter, ReadOnlyAdmin
from organisations.telling import BADGES, badge_of, name_key
from organisations.told import Told

SHOWN: Final = 100
"""Files on the page of a task; all of them are in the list of documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How far a task is, in files and in percent of those that are known."""

    ended: int
    total: int
    good: float
    bad: float
    is_open: bool
    took: timedelta | None

    @classmethod
    def of(cls, task: EmbeddingTask) -> "Course":
        whole = max(task.total, task.done + task.failed, 1)
        ran = task.started_at is not None and task.finished_at is not None
        return cls(
            ended=task.done + task.failed,
            total=task.total,
            good=round(100 * task.done / whole, 2),
            bad=round(100 * task.failed / whole, 2),
            is_open=task.status in OPEN,
            took=task.finished_at - task.started_at if ran else None,  # type: ignore[operator]
        )

    @property
    def seconds(self) -> str:
        """In words; a blink counts as one second."""
        return "" if self.took is None else f"{max(round(self.took.total_seconds()), 1):,} s"


@admin.register(EmbeddingTask)
class EmbeddingTaskAdmin(Told, ReadOnlyAdmin):
    empty_hint = "A bucket is embedded by the button on its page, or by the API."
    list_display = (
        "name", "bucket", "kind", "badge", "progress", "created_at", "finished_at", "organisation",
    )  # fmt: skip
    list_filter = ("status", "kind", ("organisation", OwnedFilter))
    list_select_related = ("bucket", "organisation")
    search_fields = ("name", "bucket__name", "url", "error")
    search_help_text = "An id, a name, a bucket, an address, words of the error"
    date_hierarchy = "created_at"
    fieldsets = (
        (
            "Details",
            {
                "fields": (
                    ("organisation", "bucket", "index"),
                    ("asked_by", "created_at"),
                    ("started_at", "finished_at"),
                )
            },
        ),
    )
    readonly_fields = ("asked_by", "created_at")

    @display(description="status", ordering="status", label=BADGES)
    def badge(self, task: EmbeddingTask) -> tuple[str, str]:
        return badge_of(task.status)

    @display(description="progress")
    def progress(self, task: EmbeddingTask) -> SafeString:
        course = Course.of(task)
        failed = f", {task.failed} failed" if task.failed else ""
        return format_html(
            "<span class='cq-bar cq-short' aria-hidden='true'><span class='cq-fill-completed' "
            "style='width: {}%'></span><span class='cq-fill-failed' style='width: {}%'></span>"
            "</span><span class='cq-nowrap'>{} of {}{}</span>",
            course.good, course.bad, course.ended, course.total, failed,
        )  # fmt: skip

    @display(description="asked by")
    def asked_by(self, task: EmbeddingTask) -> str:
        return name_key(task.organisation_id, task.requested_by)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("bucket", "index__bucket")

    def tell(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return _tell(row)


def _tell(task: EmbeddingTask) -> dict[str, Any]:
    """What the page's template shows, in two queries."""
    first = Case(
        When(status=DocumentStatus.FAILED, then=Value(0)),
        When(status=DocumentStatus.PROCESSING, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    documents = Document.unscoped.filter(task=task).order_by(first, "path")[: SHOWN + 1]
    unread = CrawledPage.unscoped.filter(
        task=task, state__in=(PageState.FAILED, PageState.SKIPPED)
    ).order_by("state", "pk")
    return {
        "task": task,
        "course": Course.of(task),
        "documents": list(documents)[:SHOWN],
        "has_more": len(documents) > SHOWN,
        "unread": list(unread[:SHOWN]),
        "every": f"{reverse('admin:knowledge_document_changelist')}?task__id__exact={task.pk}",
    }
