"""The conversation's page: its transcript, and beside it what was found and by which words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.http import HttpRequest
from unfold.decorators import display

from conversations.admin import ConversationPages
from conversations.bubbles import read_bubbles
from conversations.models import Conversation, Message
from insights import services
from insights.models import Result, Run, Status
from insights.panels import Marks, cited, read_runs
from organisations.actor import Actor
from organisations.deeds import Deed
from organisations.models import Role
from organisations.telling import BADGES
from organisations.told import Told

PAGE = 200  # messages
MOST_RUNS = 20


@dataclass(frozen=True, slots=True)
class Window:
    """The messages that are shown: page `number` of `last`, by their numbers."""

    number: int
    last: int

    @classmethod
    def of(cls, asked: str, count: int) -> "Window":
        last = max(-(-count // PAGE), 1)
        return cls(min(max(int(asked), 1), last) if asked.isdecimal() else 1, last)

    @property
    def after(self) -> int:
        return (self.number - 1) * PAGE

    @property
    def until(self) -> int:
        return self.number * PAGE


@admin.register(Conversation)
class ConversationAdmin(Told, ConversationPages):
    list_display = (
        "title", "badge", "channel", "message_count", "latest_run", "last_message_at",
        "organisation",
    )  # fmt: skip
    deeds = (
        Deed(
            name="run_insights",
            label="Run insights",
            icon="play_arrow",
            least=Role.MEMBER,
            main=True,
        ),
        *ConversationPages.deeds,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        newest = Run.unscoped.filter(conversation=OuterRef("pk")).order_by("-created_at")
        rows = super().get_queryset(request)
        return rows.annotate(latest_status=Subquery(newest.values("status")[:1]))

    @display(description="latest run", label=BADGES)
    def latest_run(self, conversation: Conversation) -> str:
        return getattr(conversation, "latest_status", None) or ""

    def run_insights(self, actor: Actor, conversation: Conversation) -> str:
        services.run_now(actor, conversation.pk)
        return f"Insights of {conversation} are being looked for."

    def tell(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return _tell(row, request.GET.get("messages", ""))


def _tell(conversation: Conversation, page: str) -> dict[str, Any]:
    """What the page's template shows, in five queries."""
    window = Window.of(page, conversation.message_count)
    found = list(_runs(conversation)[: MOST_RUNS + 1])
    marks = Marks(page=window.number, pages=_pages(found[:MOST_RUNS]))
    runs = read_runs(found[:MOST_RUNS], marks)
    messages = Message.unscoped.filter(
        conversation=conversation, seq__gt=window.after, seq__lte=window.until
    )
    return {
        "conversation": conversation,
        "bubbles": read_bubbles(messages.order_by("seq"), marks.spans()),
        "window": window,
        "runs": runs,
        "has_more_runs": len(found) > MOST_RUNS,
        "newest_completed": next((r.id for r in runs if r.status == Status.COMPLETED), None),
        "is_pending": any(run.is_pending for run in runs),
    }


def _runs(conversation: Conversation) -> QuerySet[Run]:
    results = Result.unscoped.select_related("template").order_by("created_at", "id")
    runs = Run.unscoped.filter(conversation=conversation).select_related("group")
    return runs.order_by("-created_at", "-id").prefetch_related(
        Prefetch("results", queryset=results)
    )


def _pages(runs: Sequence[Run]) -> dict[str, int]:
    """The page of the transcript that each quoted message stands on."""
    quoted = Message.unscoped.filter(pk__in=cited(runs)).values_list("pk", "seq")
    return {str(pk): (seq - 1) // PAGE + 1 for pk, seq in quoted}
