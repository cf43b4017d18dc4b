"""Admin of the ledger, of what was used and what it cost, and of reports that were made of it.
Rows are never changed."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from organisations.scoping import OwnedFilter, ReadOnlyAdmin
from organisations.telling import BADGES, badge_of, name_key
from usage.models import ReportStatus, TranscriptionReport, UsageRecord
from usage.reports import download_link


@admin.register(UsageRecord)
class UsageRecordAdmin(ReadOnlyAdmin):
    empty_hint = "Every inference is noted here, with what it used and cost."
    list_display = (
        "at", "purpose", "model", "served_by", "badge", "prompt_tokens", "completion_tokens",
        "audio_seconds", "usd", "latency_ms", "organisation",
    )  # fmt: skip
    list_filter = ("purpose", "outcome", "surface", ("organisation", OwnedFilter))
    list_select_related = ("organisation",)
    search_fields = ("model", "served_by", "end_user", "request_id", "=conversation_id")
    search_help_text = "A model, an account, an end user, a request's or conversation's id"
    date_hierarchy = "at"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("organisation", "at", "purpose"),
                    ("requested_model", "model", "served_by"),
                    ("outcome", "error"),
                    ("usd", "estimated"),
                )
            },
        ),
        (
            "Used",
            {
                "fields": (
                    ("prompt_tokens", "completion_tokens"),
                    ("cached_tokens", "cache_write_tokens"),
                    ("reasoning_tokens", "audio_tokens"),
                    ("audio_seconds", "characters"),
                    ("latency_ms", "first_token_ms"),
                )
            },
        ),
        (
            "Asked",
            {
                "fields": (
                    ("asked_by", "end_user"),
                    ("surface", "streamed"),
                    ("request_id", "conversation_id"),
                )
            },
        ),
    )
    readonly_fields = ("usd", "asked_by")

    @display(description="outcome", ordering="outcome", label=BADGES)
    def badge(self, record: UsageRecord) -> tuple[str, str]:
        return badge_of(record.outcome)

    @display(description="API key")
    def asked_by(self, record: UsageRecord) -> str:
        return name_key(record.organisation_id, record.api_key_id)

    @display(description="cost", ordering="cost")
    def usd(self, record: UsageRecord) -> str:
        return "–" if record.cost is None else f"${record.cost.normalize():f}"


@admin.register(TranscriptionReport)
class TranscriptionReportAdmin(ReadOnlyAdmin):
    empty_hint = "A report is asked for by the API, for a stretch of up to 31 days."
    list_display = (
        "created_at", "starts_at", "ends_at", "badge", "expires_at", "download", "organisation",
    )  # fmt: skip
    list_filter = ("status", ("organisation", OwnedFilter))
    list_select_related = ("organisation",)
    search_fields = ("error",)
    search_help_text = "An id, or an error"
    fields = (
        ("organisation", "starts_at", "ends_at"),
        ("standing", "download"),
        "error",
        ("created_at", "expires_at"),
    )
    readonly_fields = ("standing", "download", "created_at")
    date_hierarchy = "created_at"

    @display(description="status", ordering="status", label=BADGES)
    def badge(self, report: TranscriptionReport) -> tuple[str, str]:
        return badge_of(report.status)

    @display(description="status")
    def standing(self, report: TranscriptionReport) -> str:
        return _STANDING[ReportStatus(report.status)]

    @display(description="file")
    def download(self, report: TranscriptionReport) -> str | SafeString:
        link = download_link(report)
        if link is None:
            return "–"
        return format_html("<a class='cq-link' href='{}'>Download</a>", link)


_STANDING = {
    ReportStatus.PENDING: "Pending: it is being made",
    ReportStatus.COMPLETE: "Complete",
    ReportStatus.FAILED: "Failed",
    ReportStatus.EXPIRED: "Expired: its file is gone, ask for another one",
}
