"""Admin of the ledger, of what was used and what it cost, and of reports that were made of it.
Rows are never changed."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from organisations.scoping import OwnedFilter, ReadOnlyAdmin
from organisations.telling import BADGES
from usage.models import TranscriptionReport, UsageRecord
from usage.reports import download_link


@admin.register(UsageRecord)
class UsageRecordAdmin(ReadOnlyAdmin):
    list_display = (
        "at", "purpose", "model", "served_by", "badge", "prompt_tokens", "completion_tokens",
        "audio_seconds", "usd", "latency_ms", "organisation",
    )  # fmt: skip
    list_filter = ("purpose", "outcome", "surface", ("organisation", OwnedFilter))
    list_select_related = ("organisation",)
    search_fields = ("model", "served_by", "end_user", "request_id", "=conversation_id")
    search_help_text = "A model, an account, an end user, a request's or conversation's id"
    date_hierarchy = "at"

    @display(description="outcome", ordering="outcome", label=BADGES)
    def badge(self, record: UsageRecord) -> str:
        return record.outcome

    @display(description="cost", ordering="cost")
    def usd(self, record: UsageRecord) -> str:
        return "–" if record.cost is None else f"${record.cost.normalize():f}"


@admin.register(TranscriptionReport)
class TranscriptionReportAdmin(ReadOnlyAdmin):
    list_display = (
        "created_at", "starts_at", "ends_at", "badge", "expires_at", "download", "organisation",
    )  # fmt: skip
    list_filter = ("status", ("organisation", OwnedFilter))
    list_select_related = ("organisation",)
    search_fields = ("error",)
    search_help_text = "An id, or an error"
    exclude = ("blob",)
    readonly_fields = ("download",)
    date_hierarchy = "created_at"

    @display(description="status", ordering="status", label=BADGES)
    def badge(self, report: TranscriptionReport) -> str:
        return report.status

    @display(description="file")
    def download(self, report: TranscriptionReport) -> str | SafeString:
        link = download_link(report)
        return "–" if link is None else format_html("<a href='{}'>Download</a>", link)
