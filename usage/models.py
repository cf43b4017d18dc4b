"""The ledger: one row an inference, never changed."""

from django.db import models

from common import clock
from common.models import OwnedRow


class Purpose(models.TextChoices):
    CHAT = "chat"
    EMBEDDING = "embedding"
    INSIGHT = "insight"


class Outcome(models.TextChoices):
    OK = "ok"
    FAILED = "failed"
    HUNG_UP = "hung_up"


class UsageRecord(OwnedRow):
    """What one inference used and cost. `cost` is USD; null when the model has no price."""

    at = models.DateTimeField(default=clock.now)
    request_id = models.CharField(max_length=80, blank=True)
    surface = models.CharField(max_length=30, blank=True)
    purpose = models.CharField(max_length=12, choices=Purpose)
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
