"""Durable executions: a workflow's input, its journal of steps, and what it waits for."""

from django.db import models

from common import clock
from common.models import OwnedRow


class ExecutionStatus(models.TextChoices):
    """`queued → running ⇄ waiting`, and out by `completed`, `failed` or `cancelled`."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Execution(OwnedRow):
    """One run of a workflow. The same `name` with the same input is the same execution."""

    workflow = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    input = models.JSONField(default=dict)
    input_digest = models.CharField(max_length=64)
    status = models.CharField(
        max_length=10, choices=ExecutionStatus, default=ExecutionStatus.QUEUED
    )
    progress = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    journal_bytes = models.PositiveIntegerField(default=0)
    deadline_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(OwnedRow.Meta):
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(fields=("organisation", "name"), name="execution_name_once"),
            models.CheckConstraint(
                condition=models.Q(status__in=ExecutionStatus.values), name="execution_status"
            ),
        )
        indexes = (
            models.Index(
                fields=("deadline_at",),
                condition=models.Q(status__in=("queued", "running", "waiting")),
                name="execution_deadlines",
            ),
        )

    def __str__(self) -> str:
        return f"{self.workflow} {self.name}"


UNFINISHED = (ExecutionStatus.QUEUED, ExecutionStatus.RUNNING, ExecutionStatus.WAITING)


class StepState(models.TextChoices):
    """`waiting` is a step that `resume` completes; `interrupted` one that must not be repeated."""

    STARTED = "started"
    WAITING = "waiting"
    COMPLETED = "completed"
    INTERRUPTED = "interrupted"


class ExecutionStep(OwnedRow):
    """One journalled step; a replay takes `output` instead of doing it again."""

    execution = models.ForeignKey(Execution, on_delete=models.CASCADE, related_name="steps")
    seq = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=12, choices=StepState, default=StepState.STARTED)
    input_digest = models.CharField(max_length=64, blank=True)
    output = models.JSONField(null=True)
    started_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)

    class Meta(OwnedRow.Meta):
        ordering = ("execution", "seq")
        constraints = (
            models.UniqueConstraint(fields=("execution", "seq"), name="step_seq_once"),
            models.UniqueConstraint(fields=("execution", "name"), name="step_name_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=StepState.values), name="step_state"
            ),
        )

    def __str__(self) -> str:
        return f"{self.seq} {self.name}"
