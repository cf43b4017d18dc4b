"""The durable queue: one row a job, a worker, a leadership, a tally."""

from django.db import models
from django.db.models.functions import Now

from common import ids
from jobs.handlers import NO_LANE
from jobs.orders import MAX_ATTEMPTS


class JobState(models.TextChoices):
    """`queued → running → done`, back to `queued` with a later `run_at`, or out."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


class Job(models.Model):
    """Accepted work. `fence` rises at each claim; a write with an old fence changes nothing."""

    id = models.UUIDField(primary_key=True, default=ids.new_uuid, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", null=True, on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(max_length=60)
    subject = models.UUIDField(null=True, help_text="The row that this job is about.")
    payload = models.JSONField(default=dict)
    dedupe_key = models.CharField(max_length=200, null=True, unique=True)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    priority = models.SmallIntegerField(default=0, help_text="Lower runs first.")
    lane = models.UUIDField(
        default=NO_LANE, help_text="Jobs of one lane share slots: the organisation, or narrower."
    )
    run_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField(default=MAX_ATTEMPTS)
    fence = models.PositiveBigIntegerField(default=0)
    worker = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    deadline_at = models.DateTimeField(null=True)
    rings = models.PositiveIntegerField(default=0)
    ring_at = models.DateTimeField(null=True, help_text="When to ring again if still queued.")
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=JobState.values), name="job_state"),
        )
        indexes = (
            models.Index(
                fields=("kind", "priority", "lane", "run_at"),
                condition=models.Q(state="queued"),
                name="job_due",
            ),
            models.Index(fields=("ring_at",), condition=models.Q(state="queued"), name="job_rings"),
            models.Index(
                fields=("state", "finished_at"),
                condition=models.Q(finished_at__isnull=False),
                name="job_finished",
            ),
            models.Index(
                fields=("lease_until",), condition=models.Q(state="running"), name="job_leases"
            ),
            models.Index(fields=("kind", "subject"), name="job_subject"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Worker(models.Model):
    """A process that runs jobs, and when it was last heard of."""

    id = models.UUIDField(primary_key=True, default=ids.new_uuid, editable=False)
    host = models.CharField(max_length=200)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"


class Leadership(models.Model):
    """Periodic work is done by whoever holds its name's lease."""

    name = models.CharField(max_length=60, primary_key=True)
    holder = models.UUIDField(null=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Tally(models.Model):
    """A count that outlives processes, for the operator's figures."""

    name = models.CharField(max_length=60, primary_key=True)
    value = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.value}"
