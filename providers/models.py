"""Upstream accounts, the models they offer, and what models can do and cost."""

from django.db import models

from common.fields import EncryptedTextField
from common.models import OwnedRow, Row


class Provider(OwnedRow):
    """An upstream account: who, where and with which key. Callers name its models `name/model`."""

    name = models.SlugField(max_length=63)
    kind = models.CharField(max_length=30)
    base_url = models.URLField(max_length=2000, blank=True)
    api_key = EncryptedTextField(blank=True)
    options = models.JSONField(default=dict, blank=True)
    is_enabled = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0, help_text="Lower is asked first.")

    class Meta(OwnedRow.Meta):
        ordering = ("position", "created_at")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "name"), name="provider_name_once"),
        )

    def __str__(self) -> str:
        return self.name


class Power(models.TextChoices):
    CHAT = "chat"
    EMBEDDING = "embedding"
    SPEECH = "speech"
    TRANSCRIPTION = "transcription"


class OfferedModel(OwnedRow):
    """A model of a provider, by the upstream's own id."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="models")
    upstream_id = models.CharField(max_length=200)
    power = models.CharField(max_length=16, choices=Power, default=Power.CHAT)
    position = models.PositiveIntegerField(default=0)
    is_enabled = models.BooleanField(default=True)

    class Meta(OwnedRow.Meta):
        ordering = ("provider", "position")
        constraints = (
            models.UniqueConstraint(fields=("provider", "upstream_id"), name="offered_model_once"),
        )

    def __str__(self) -> str:
        return f"{self.provider_id} {self.upstream_id}"


class TunedModel(OwnedRow):
    """A model that was trained here or at an upstream, under the name that callers use for it.

    Of an upstream's, `upstream_id` is its own name for it; of a builtin one, `weights` holds what
    was trained and `labels` what it tells apart.
    """

    name = models.CharField(max_length=200)
    base_model = models.CharField(max_length=200, help_text="By its full name.")
    provider = models.ForeignKey(
        Provider, null=True, on_delete=models.CASCADE, related_name="tuned_models"
    )
    upstream_id = models.CharField(max_length=200, blank=True)
    labels = models.JSONField(default=list, blank=True)
    weights = models.BinaryField(null=True)

    class Meta(OwnedRow.Meta):
        verbose_name = "fine-tuned model"
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(fields=("organisation", "name"), name="tuned_model_once"),
        )

    def __str__(self) -> str:
        return self.name


class CatalogueModel(Row):
    """Facts about a model wherever it is served, found by the longest `pattern` its id ends in."""

    pattern = models.CharField(max_length=200, unique=True)
    organisation_name = models.CharField(max_length=100, blank=True)
    power = models.CharField(max_length=16, choices=Power, default=Power.CHAT)
    context_length = models.PositiveIntegerField(default=0)
    max_completion_tokens = models.PositiveIntegerField(null=True, blank=True)
    parameters = models.PositiveBigIntegerField(default=0)
    languages = models.JSONField(default=list)
    licence = models.CharField(max_length=60, blank=True)
    sees_images = models.BooleanField(default=False)
    calls_tools = models.BooleanField(default=True)
    writes_schema = models.BooleanField(default=False, help_text="Native json_schema output.")
    description = models.TextField(blank=True)

    class Meta:
        ordering = ("pattern",)

    def __str__(self) -> str:
        return self.pattern


class Price(Row):
    """What a model costs from a day on, in USD for a million tokens. An organisation's own wins."""

    organisation = models.ForeignKey(
        "organisations.Organisation",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="Empty: for all organisations.",
    )
    pattern = models.CharField(max_length=200, help_text="A model id, or provider/model.")
    starts_on = models.DateField()
    prompt = models.DecimalField(max_digits=12, decimal_places=6)
    completion = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    cached_prompt = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    audio_minute = models.DecimalField(
        max_digits=12, decimal_places=6, default=0, help_text="USD for a minute listened to."
    )
    characters = models.DecimalField(
        max_digits=12, decimal_places=6, default=0, help_text="USD for a million spoken."
    )

    class Meta:
        ordering = ("pattern", "-starts_on")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "pattern", "starts_on"), name="price_once"
            ),
            models.UniqueConstraint(
                fields=("pattern", "starts_on"),
                condition=models.Q(organisation=None),
                name="common_price_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pattern} from {self.starts_on}"
