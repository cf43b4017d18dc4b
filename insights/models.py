"""What is asked of a conversation when it ends, and what was found, with its evidence."""

from django.db import models
from django.db.models import Q

from common.models import OwnedRow


class Template(OwnedRow):
    """A question put to conversations. Its text lives in versions; an edit adds one."""

    name = models.CharField(max_length=200)
    webhook = models.URLField(max_length=2000, blank=True)
    is_managed = models.BooleanField(
        default=False, help_text="Comes with the server; its instructions cannot be edited."
    )
    version = models.PositiveIntegerField(default=1, help_text="Number of the current version.")

    class Meta(OwnedRow.Meta):
        ordering = ("-created_at", "-id")
        indexes = (models.Index(fields=("organisation", "-created_at"), name="template_new"),)

    def __str__(self) -> str:
        return self.name


class TemplateVersion(OwnedRow):
    """Immutable. Without `json_schema` it asks for text; without `model` the organisation's."""

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    instructions = models.TextField(blank=True)
    json_schema = models.JSONField(null=True, blank=True)
    model = models.CharField(max_length=200, blank=True)

    class Meta(OwnedRow.Meta):
        ordering = ("template", "-number")
        constraints = (
            models.UniqueConstraint(fields=("template", "number"), name="template_version_once"),
        )

    def __str__(self) -> str:
        return f"{self.template_id} v{self.number}"


class Group(OwnedRow):
    """Templates that run together and are announced together."""

    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    webhook = models.URLField(max_length=2000, blank=True)
    is_default = models.BooleanField(
        default=False, help_text="Runs for conversations whose metadata names no group."
    )
    templates = models.ManyToManyField(Template, through="GroupMember", related_name="groups")

    class Meta(OwnedRow.Meta):
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return self.name


class GroupMember(OwnedRow):
    """A template's place in a group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members")
    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="memberships")

    class Meta(OwnedRow.Meta):
        ordering = ("created_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("group", "template"), name="group_member_once"),
        )

    def __str__(self) -> str:
        return f"{self.template_id} in {self.group_id}"


class Trigger(models.TextChoices):
    END = "end"
    IDLE = "idle"
    MANUAL = "manual"
    BACKFILL = "backfill"


class Status(models.TextChoices):
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"


CLOSED = frozenset({Status.COMPLETED, Status.FAILED})


class Result(OwnedRow):
    """The answer of one template version about one conversation, in one generation (ADR 10), read
    from its first `transcript_length` messages. Kept as long as the conversation is. `fields` lists
    path, state, confidence and evidence of every leaf of `value`."""

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="insight_results"
    )
    template = models.ForeignKey(
        Template, null=True, on_delete=models.SET_NULL, related_name="results"
    )
    version = models.ForeignKey(
        TemplateVersion, null=True, on_delete=models.SET_NULL, related_name="results"
    )
    template_ref = models.UUIDField(help_text="The template's id, also after it was deleted.")
    version_number = models.PositiveIntegerField()
    generation = models.PositiveIntegerField(default=1)
    transcript_length = models.PositiveIntegerField()
    requested_model = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING)
    value = models.JSONField(null=True)
    fields = models.JSONField(default=list)
    error = models.TextField(blank=True)
    model = models.CharField(max_length=200, blank=True)
    served_by = models.CharField(max_length=100, blank=True)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=16, decimal_places=9, null=True)
    latency_ms = models.PositiveIntegerField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(OwnedRow.Meta):
        ordering = ("created_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("conversation", "template_ref", "version_number", "generation"),
                name="result_once",
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="result_status"),
        )
        indexes = (
            models.Index(fields=("organisation", "template_ref", "-created_at"), name="result_new"),
        )

    def __str__(self) -> str:
        return f"{self.template_ref} {self.status}"


class Run(OwnedRow):
    """A group, or some templates, run over a conversation as it stood at `transcript_length`
    messages. `cause` makes a second ring for the same event change nothing."""

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="insight_runs"
    )
    group = models.ForeignKey(
        Group, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs"
    )
    results = models.ManyToManyField(Result, through="RunItem", related_name="runs")
    trigger = models.CharField(max_length=10, choices=Trigger)
    cause = models.CharField(max_length=120, null=True, editable=False)
    backfill_id = models.UUIDField(
        null=True, editable=False, help_text="The execution of the backfill that ordered it."
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING)
    transcript_length = models.PositiveIntegerField()
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(OwnedRow.Meta):
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "cause"), name="run_cause_once"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="run_status"),
        )
        indexes = (
            models.Index(fields=("organisation", "-created_at", "-id"), name="run_new"),
            models.Index(fields=("conversation", "-created_at"), name="run_of_conversation"),
            models.Index(
                fields=("backfill_id", "status"),
                condition=Q(backfill_id__isnull=False),
                name="run_of_backfill",
            ),
        )

    def __str__(self) -> str:
        return f"{self.trigger} {self.status}"


class RunItem(OwnedRow):
    """A result's place in a run. Groups that ask the same of the same words share the answer."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="items")
    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="items")

    class Meta(OwnedRow.Meta):
        ordering = ("created_at", "id")
        constraints = (models.UniqueConstraint(fields=("run", "result"), name="run_item_once"),)

    def __str__(self) -> str:
        return f"{self.result_id} in {self.run_id}"
