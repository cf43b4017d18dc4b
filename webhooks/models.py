"""The outbox: events, who is told of them, and each attempt at telling."""

from django.db import models

from common import clock
from common.fields import EncryptedTextField
from common.models import OwnedRow


class EventCounter(models.Model):
    """The last event number of an organisation; locked while events are added, so that numbers
    become visible in order and a reader of the feed skips none."""

    organisation = models.OneToOneField(
        "organisations.Organisation", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)


class SigningKey(OwnedRow):
    """The organisation's Ed25519 pair; `public` is base64 of the 32 raw bytes."""

    private = EncryptedTextField()
    public = models.CharField(max_length=44)

    class Meta(OwnedRow.Meta):
        constraints = (models.UniqueConstraint(fields=("organisation",), name="signing_key_once"),)

    def __str__(self) -> str:
        return self.public


class Endpoint(OwnedRow):
    """An address that is told of events. Empty `event_types` means all."""

    url = models.URLField(max_length=2000)
    name = models.CharField(max_length=200, blank=True)
    event_types = models.JSONField(default=list, blank=True)
    dialect = models.CharField(max_length=30, default="standard")
    secret = EncryptedTextField()
    previous_secret = EncryptedTextField(blank=True)
    previous_secret_until = models.DateTimeField(null=True, blank=True)
    is_enabled = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=200, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    automatic = models.BooleanField(
        default=False, help_text="Made from a template's or group's webhook address."
    )

    class Meta(OwnedRow.Meta):
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "url", "dialect"),
                condition=models.Q(automatic=True),
                name="automatic_endpoint_once",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.url


class Event(OwnedRow):
    """Something that happened, numbered within its organisation by `seq`."""

    seq = models.PositiveBigIntegerField()
    type = models.CharField(max_length=80)
    subject = models.UUIDField(null=True)
    version = models.PositiveSmallIntegerField(default=1)
    payload = models.JSONField()
    occurred_at = models.DateTimeField(default=clock.now)

    class Meta(OwnedRow.Meta):
        ordering = ("-seq",)
        constraints = (
            models.UniqueConstraint(fields=("organisation", "seq"), name="event_seq_once"),
        )
        indexes = (models.Index(fields=("subject",), name="event_subject"),)

    def __str__(self) -> str:
        return f"{self.seq} {self.type}"


class DeliveryState(models.TextChoices):
    """`pending → delivered | dead`. Cancelled ones were meant for an endpoint that is disabled;
    they and the dead can be sent again."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    CANCELLED = "cancelled"


UNDELIVERED = ~models.Q(state=DeliveryState.DELIVERED)


class Delivery(OwnedRow):
    """One event for one endpoint. The body's bytes are frozen here: every retry sends the same.

    A redelivery starts a new round of attempts; `attempts` counts those of the round.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    body = models.BinaryField()
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    round = models.PositiveIntegerField(default=1)
    next_attempt_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta(OwnedRow.Meta):
        verbose_name_plural = "deliveries"
        ordering = ("-created_at",)
        indexes = (
            models.Index(fields=("organisation", "-created_at"), name="delivery_by_time"),
            models.Index(fields=("endpoint", "state"), name="delivery_by_endpoint"),
            models.Index(
                fields=("state", "created_at"), condition=UNDELIVERED, name="delivery_undelivered"
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=DeliveryState.values), name="delivery_state"
            ),
        )

    def __str__(self) -> str:
        return f"{self.event_id} to {self.endpoint_id}"


class Attempt(OwnedRow):
    """One try at a delivery. The receiver's body is not kept."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    round = models.PositiveIntegerField(default=1)
    number = models.PositiveIntegerField()
    at = models.DateTimeField(default=clock.now)
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=200, blank=True)
    duration_ms = models.PositiveIntegerField(default=0)

    class Meta(OwnedRow.Meta):
        ordering = ("delivery", "round", "number")
        constraints = (
            models.UniqueConstraint(fields=("delivery", "round", "number"), name="attempt_once"),
        )

    def __str__(self) -> str:
        return f"{self.number}: {self.status or self.error}"
