"""Admin of fine-tuning jobs: how each went, and what happened in it."""

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.decorators import display

from finetuning.charts import draw
from finetuning.models import UNFINISHED, FinetuningJob, JobEvent
from finetuning.services import cancel_job
from organisations.actor import Actor
from organisations.deeds import Deed, DeedsAdmin
from organisations.scoping import OwnedFilter, ReadOnly, ReadOnlyAdmin, ReadOnlyInline
from organisations.telling import BADGES


class EventsInline(ReadOnlyInline):
    model = JobEvent
    fields = ("seq", "level", "message", "created_at")
    readonly_fields = fields
    verbose_name_plural = "events"
    per_page: int | None = 50  # type: ignore[assignment]


@admin.register(FinetuningJob)
class FinetuningJobAdmin(ReadOnly, DeedsAdmin):
    list_display = (
        "name", "model", "badge", "epochs", "accuracy", "created_at", "finished_at", "organisation",
    )  # fmt: skip
    list_filter = ("status", ("organisation", OwnedFilter))
    list_select_related = ("organisation",)
    search_fields = ("name", "model", "training_file", "error")
    readonly_fields = ("badge", "course")
    inlines = (EventsInline,)
    deeds = (
        Deed(
            name="cancel",
            label="Cancel",
            icon="cancel",
            danger=True,
            offered=lambda job: job.status in UNFINISHED,
            confirm="The training ends without a model. Cancel it?",
        ),
    )

    @display(description="status", ordering="status", label=BADGES)
    def badge(self, job: FinetuningJob) -> str:
        return job.status

    @display(description="held-out accuracy")
    def accuracy(self, job: FinetuningJob) -> str:
        found = job.metrics.get("accuracy")
        return f"{found:.2f}" if isinstance(found, int | float) else "–"

    @display(description="loss and accuracy")
    def course(self, job: FinetuningJob) -> SafeString:
        return draw(job.events.order_by("seq"))

    def cancel(self, actor: Actor, job: FinetuningJob) -> str:
        cancel_job(actor, job.name)
        return f"{job} is cancelled."


@admin.register(JobEvent)
class JobEventAdmin(ReadOnlyAdmin):
    list_display = ("job", "seq", "level", "message", "created_at")
    list_filter = ("level", ("organisation", OwnedFilter))
    list_select_related = ("job",)
    search_fields = ("message", "job__name")
