"""Admin of conversations as far as they go by themselves. `insights.admin.conversations` adds what
was found in them, and registers the page."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from conversations import services
from conversations.models import Conversation, ConversationState, Message
from organisations.actor import Actor
from organisations.deeds import Deed
from organisations.models import Role
from organisations.scoping import OwnedFilter, ReadOnlyAdmin
from organisations.served import ServedAdmin, Values
from organisations.telling import BADGES


class ConversationPages(ServedAdmin):
    """The list and the form; a conversation is made by those who talk, not here."""

    writers = Role.MEMBER
    list_display: tuple[str, ...] = (
        "title", "badge", "channel", "message_count", "last_message_at", "organisation",
    )  # fmt: skip
    list_display_links = ("title",)
    list_filter = ("state", "end_reason", ("organisation", OwnedFilter))
    list_select_related = ("organisation",)
    search_fields = ("name", "metadata__icontains")
    search_help_text = "An id, or words of the name or the metadata"
    ordering = ("-last_message_at", "-id")
    date_hierarchy = "created_at"
    fields = ("name", "metadata")
    deeds: ClassVar[tuple[Deed, ...]] = (
        Deed(
            name="end",
            label="End",
            icon="stop_circle",
            least=Role.MEMBER,
            offered=lambda conversation: conversation.state == ConversationState.ACTIVE,
        ),
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, obj, Role.ADMIN)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        rows: QuerySet[Conversation] = super().get_queryset(request)
        return rows.defer("tail", "instructions")

    @display(description="conversation", ordering="name")
    def title(self, conversation: Conversation) -> str:
        return conversation.name or f"{str(conversation.pk)[:13]}…"

    @display(description="state", ordering="state", label=BADGES)
    def badge(self, conversation: Conversation) -> str:
        return conversation.state

    @display(description="channel")
    def channel(self, conversation: Conversation) -> str:
        metadata = conversation.metadata
        return next((str(v) for k, v in metadata.items() if k.endswith("channel") and v), "–")

    def change(self, actor: Actor, row: Conversation, values: Values) -> None:
        services.update_conversation(
            actor, row.pk, name=values.get("name"), metadata=values.get("metadata")
        )

    def remove(self, actor: Actor, row: Conversation) -> None:
        services.delete_conversation(actor, row.pk)

    def end(self, actor: Actor, conversation: Conversation) -> str:
        if conversation.state == ConversationState.ENDED:
            return f"{conversation} has ended already."
        services.end_conversation(actor, conversation.pk)
        return f"{conversation} is ended."


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("conversation", "seq", "role", "begin", "badge", "created_at", "organisation")
    list_display_links = ("begin",)
    list_filter = ("role", "status", ("organisation", OwnedFilter))
    list_select_related = ("conversation", "organisation")
    search_fields = ("text", "=conversation__id")
    search_help_text = "An id, a conversation's id, words of the text"
    ordering = ("-created_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        rows: QuerySet[Message] = super().get_queryset(request)
        return rows.defer("conversation__tail", "conversation__instructions")

    @display(description="text")
    def begin(self, message: Message) -> str:
        return message.text[:80] or "(no text)"

    @display(description="status", ordering="status", label={"incomplete": "warning"})
    def badge(self, message: Message) -> str:
        return message.status
