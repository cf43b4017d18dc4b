"""Conversations and their messages, whole: every part a surface can say is kept as it came."""

from django.db import models

from common import clock
from common.models import OwnedRow


class ConversationState(models.TextChoices):
    ACTIVE = "active"
    ENDED = "ended"


class EndReason(models.TextChoices):
    """Why a conversation ended; a caller may also give words of its own in `end_note`."""

    REQUESTED = "requested"
    IDLE = "idle"


class Conversation(OwnedRow):
    """A conversation. `message_count` is the newest message's number, raised under the row's lock;
    `tail` and `instructions` are what a resent history is recognised by (`conversations.history`).
    """

    name = models.CharField(max_length=500, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    state = models.CharField(
        max_length=10, choices=ConversationState, default=ConversationState.ACTIVE
    )
    last_message_at = models.DateTimeField(default=clock.now)
    message_count = models.PositiveIntegerField(default=0)
    tail = models.JSONField(default=list, editable=False)
    instructions = models.JSONField(default=list, editable=False)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=12, choices=EndReason, blank=True)
    end_note = models.CharField(max_length=500, blank=True)
    ends = models.PositiveIntegerField(default=0, help_text="How often it has ended.")

    class Meta(OwnedRow.Meta):
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=ConversationState.values), name="conversation_state"
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "-created_at", "-id"), name="conversation_new"),
            models.Index(
                fields=("organisation", "-last_message_at", "-id"), name="conversation_recent"
            ),
            models.Index(
                fields=("organisation", "last_message_at"),
                condition=models.Q(state="active"),
                name="conversation_idle",
            ),
        )

    def __str__(self) -> str:
        return self.name or str(self.id)


class MessageStatus(models.TextChoices):
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"


class Message(OwnedRow):
    """A message. `parts` is the lossless form (`conversations.parts`), `text` its words."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages"
    )
    seq = models.PositiveIntegerField()
    role = models.CharField(max_length=10)
    name = models.TextField(blank=True)
    parts = models.JSONField(default=list)
    text = models.TextField(blank=True)
    tool_choice = models.JSONField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=MessageStatus, default=MessageStatus.COMPLETE)
    model = models.CharField(max_length=200, blank=True)
    served_by = models.CharField(max_length=100, blank=True)

    class Meta(OwnedRow.Meta):
        ordering = ("conversation", "seq")
        constraints = (
            models.UniqueConstraint(fields=("conversation", "seq"), name="message_seq_once"),
        )

    def __str__(self) -> str:
        return f"{self.role}: {self.text[:60]}"
