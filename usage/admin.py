"""Admin of the ledger: what was used and what it cost. Rows are never changed."""

from django.contrib import admin
from unfold.decorators import display

from organisations.scoping import OwnedFilter, ReadOnlyAdmin
from organisations.telling import BADGES
from usage.models import UsageRecord


@admin.register(UsageRecord)
class UsageRecordAdmin(ReadOnlyAdmin):
    list_display = (
        "at", "purpose", "model", "served_by", "badge", "prompt_tokens", "completion_tokens",
        "usd", "latency_ms", "organisation",
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
