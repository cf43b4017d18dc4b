"""Tenants, their people, their API keys, what they asked twice, and what was done in their name."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from common import clock
from common.fields import EncryptedTextField
from common.models import OwnedRow, Row


class Organisation(Row):
    """A tenant. Every other row belongs to one."""

    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    idle_timeout_seconds = models.PositiveIntegerField(
        null=True,
        blank=True,
        default=900,
        help_text="A conversation without a new message for so long is ended. Empty: never.",
    )
    insight_model = models.CharField(
        max_length=200,
        blank=True,
        help_text="Model of insight runs that name none. Empty: the first chat model of the first "
        "upstream, else builtin/extractive.",
    )
    retention_days = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Conversations are deleted so many days after their last message. Empty: never.",
    )
    storage_quota_bytes = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        help_text="The most bytes that its files may have together. Empty: the server's default.",
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.slug


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin, Row):
    """A person who signs in to the admin."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="May sign in to the admin.")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        ordering = ("email",)
        constraints = (models.UniqueConstraint(Lower("email"), name="user_email_any_case"),)

    def __str__(self) -> str:
        return self.email


class Role(models.TextChoices):
    """What a member may do; each role may do all that the later ones may."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class Membership(OwnedRow):
    """A user's role in an organisation."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)

    class Meta(OwnedRow.Meta):
        constraints = (
            models.UniqueConstraint(fields=("organisation", "user"), name="membership_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"


class ApiKey(OwnedRow):
    """A key that was shown once; only its keyed hash is kept."""

    name = models.CharField(max_length=200, blank=True)
    prefix = models.CharField(max_length=16, unique=True, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    secret = EncryptedTextField(
        blank=True, editable=False, help_text="Kept, sealed, of keys that sign requests."
    )
    scopes = models.JSONField(default=list, help_text='What the key may do; ["*"] is everything.')
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(OwnedRow.Meta):
        verbose_name = "API key"
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.prefix}…"


class Revision(models.Model):
    """A counter that rises when something processes keep in memory has changed (keys, routes)."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.value}"


class IdempotencyRecord(OwnedRow):
    """One idempotency key: which request came with it, and the answer that it got."""

    key = models.CharField(max_length=255)
    route = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(null=True)
    expires_at = models.DateTimeField()

    class Meta(OwnedRow.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "route", "key"), name="idempotency_once"
            ),
        )
        indexes = (models.Index(fields=("expires_at",), name="idempotency_expiry"),)

    def __str__(self) -> str:
        return self.key


class AuditEntry(OwnedRow):
    """Who did what to what. Rows are only ever added."""

    actor = models.CharField(max_length=200)
    action = models.CharField(max_length=80)
    object_type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=80)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(default=clock.now)

    class Meta(OwnedRow.Meta):
        verbose_name_plural = "audit entries"
        ordering = ("-at",)
        indexes = (models.Index(fields=("organisation", "-at"), name="audit_by_time"),)

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"
