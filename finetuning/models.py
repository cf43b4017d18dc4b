"""Fine-tuning jobs and what happened in them."""

from django.db import models

from common.models import OwnedRow


class JobStatus(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)


class FinetuningJob(OwnedRow):
    """One training. `name` is what callers call it, and, once it has succeeded, its model's name.

    `upstream_file_id` and `upstream_id` are what the provider called the file and the job.
    """

    name = models.CharField(max_length=200)
    model = models.CharField(max_length=200, help_text="The base model, by its full name.")
    training_file = models.CharField(max_length=1100, help_text="As the caller named it.")
    validation_file = models.CharField(max_length=1100, blank=True)
    bucket_name = models.CharField(max_length=63)
    training_path = models.CharField(max_length=1024)
    validation_path = models.CharField(max_length=1024, blank=True)
    suffix = models.CharField(max_length=64, blank=True)
    epochs = models.PositiveIntegerField(default=3)
    status = models.CharField(max_length=10, choices=JobStatus, default=JobStatus.QUEUED)
    trained_tokens = models.PositiveBigIntegerField(null=True)
    tuned_model = models.CharField(max_length=200, blank=True)
    metrics = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)
    upstream_file_id = models.CharField(max_length=200, blank=True)
    upstream_id = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(OwnedRow.Meta):
        verbose_name = "fine-tuning job"
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(fields=("organisation", "name"), name="finetuning_name_once"),
            models.CheckConstraint(
                condition=models.Q(status__in=JobStatus.values), name="finetuning_status"
            ),
        )
        indexes = (models.Index(fields=("organisation", "-created_at"), name="finetuning_by_time"),)

    def __str__(self) -> str:
        return self.name


class JobEvent(OwnedRow):
    """Something that happened in a job; `data` holds figures such as epoch, loss and accuracy. By
    its `key` an event that a provider tells again is known."""

    job = models.ForeignKey(FinetuningJob, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    key = models.CharField(max_length=200, null=True, editable=False)
    level = models.CharField(max_length=8, default="info")
    message = models.TextField()
    data = models.JSONField(default=dict, blank=True)

    class Meta(OwnedRow.Meta):
        ordering = ("job", "seq")
        constraints = (
            models.UniqueConstraint(fields=("job", "seq"), name="job_event_once"),
            models.UniqueConstraint(fields=("job", "key"), name="job_event_key_once"),
        )

    def __str__(self) -> str:
        return self.message
