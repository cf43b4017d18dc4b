"""The ledger: one row an inference, never changed; and reports that were made of it."""

from django.db import models

from common import clock
from common.models import OwnedRow


class Purpose(models.TextChoices):
    CHAT = "chat"
    EMBEDDING = "embedding"
    INSIGHT = "insight"
    SPEECH = "speech"
    TRANSCRIPTION = "transcription"


class Outcome(models.TextChoices):
    OK = "ok"
    FAILED = "failed"
    HUNG_UP = "hung_up"


class UsageRecord(OwnedRow):
    """What one inference used and cost. `cost` is USD; null when the model has no price."""

    at = models.DateTimeField(default=clock.now)
    request_id = models.CharField(max_length=80, blank=True)
    surface = models.CharField(max_length=30, blank=True)
    purpose = models.CharField(max_length=16, choices=Purpose)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OK)
    streamed = models.BooleanField(default=False)
    api_key_id = models.UUIDField(null=True)
    conversation_id = models.UUIDField(null=True)
    end_user = models.CharField(max_length=200, blank=True)
    requested_model = models.CharField(max_length=200)
    model = models.CharField(max_length=200)
    served_by = models.CharField(max_length=100, blank=True)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    cached_tokens = models.PositiveIntegerField(default=0)
    cache_write_tokens = models.PositiveIntegerField(default=0)
    reasoning_tokens = models.PositiveIntegerField(default=0)
    audio_tokens = models.PositiveIntegerField(default=0)
    audio_seconds = models.DecimalField(
        max_digits=12, decimal_places=3, default=0, help_text="Of what was transcribed."
    )
    characters = models.PositiveIntegerField(default=0, help_text="Of what was spoken.")
    estimated = models.BooleanField(default=False, help_text="Counted here, not by the upstream.")
    cost = models.DecimalField(max_digits=16, decimal_places=9, null=True)
    latency_ms = models.PositiveIntegerField(default=0)
    first_token_ms = models.PositiveIntegerField(null=True)
    error = models.CharField(max_length=60, blank=True)

    class Meta(OwnedRow.Meta):
        ordering = ("-at",)
        indexes = (
            models.Index(fields=("organisation", "-at"), name="usage_by_time"),
            models.Index(fields=("organisation", "model", "-at"), name="usage_by_model"),
        )

    def __str__(self) -> str:
        return f"{self.purpose} {self.model}"


class ReportStatus(models.TextChoices):
    PENDING = "pending"
    COMPLETE = "complete"
    FAILED = "failed"
    EXPIRED = "expired"


class TranscriptionReport(OwnedRow):
    """A list of all transcriptions from `starts_at` up to `ends_at`, made once and kept a while."""

    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=ReportStatus, default=ReportStatus.PENDING)
    blob = models.ForeignKey("files.Blob", null=True, on_delete=models.SET_NULL, related_name="+")
    error = models.TextField(blank=True)
    expires_at = models.DateTimeField(null=True)

    class Meta(OwnedRow.Meta):
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(status__in=ReportStatus.values), name="report_status"
            ),
        )
        indexes = (models.Index(fields=("organisation", "-created_at"), name="report_by_time"),)

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} to {self.ends_at:%Y-%m-%d %H:%M}"
