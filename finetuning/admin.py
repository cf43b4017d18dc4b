"""Admin of fine-tuning jobs: how each went, and what happened in it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from finetuning.charts import draw
from finetuning.models import UNFINISHED, FinetuningJob, JobEvent
from finetuning.services import cancel_job
from organisations.actor import Actor
from organisations.deeds import Deed, DeedsAdmin
from organisations.scoping import OwnedFilter, ReadOnly, ReadOnlyAdmin, ReadOnlyInline
from organisations.telling import BADGES, badge_of
from organisations.told import Told
from providers.models import TunedModel

FIGURES: Final = {
    "accuracy": "held-out accuracy",
    "loss": "loss",
    "examples": "examples",
    "held_out": "held out",
    "labels": "labels",
}
"""What a job tells of itself, in the words and the order of its page."""


class EventsInline(ReadOnlyInline):
    model = JobEvent
    fields = ("seq", "level", "message", "created_at")
    readonly_fields = fields
    verbose_name_plural = "events"
    per_page: int | None = 50  # type: ignore[assignment]


@admin.register(FinetuningJob)
class FinetuningJobAdmin(Told, ReadOnly, DeedsAdmin):
    empty_hint = "A job is started by the API, with a training file that lies in a bucket."
    list_display = (
        "name", "model", "badge", "epochs", "accuracy", "created_at", "finished_at", "organisation",
    )  # fmt: skip
    list_filter = ("status", ("organisation", OwnedFilter))
    list_select_related = ("organisation",)
    search_fields = ("name", "model", "training_file", "error")
    search_help_text = "An id, a name, a model, a file, words of the error"
    fieldsets = (
        (
            "Details",
            {
                "fields": (
                    ("organisation", "training_file", "validation_file"),
                    ("trained_tokens", "suffix"),
                    ("upstream_file_id", "upstream_id"),
                    ("created_at", "started_at", "finished_at"),
                )
            },
        ),
    )
    readonly_fields = ("created_at",)
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
    def badge(self, job: FinetuningJob) -> tuple[str, str]:
        return badge_of(job.status)

    @display(description="held-out accuracy")
    def accuracy(self, job: FinetuningJob) -> str:
        return dict(_figures(job.metrics)).get(FIGURES["accuracy"], "–")

    def tell(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return _tell(row)

    def cancel(self, actor: Actor, job: FinetuningJob) -> str:
        cancel_job(actor, job.name)
        return f"{job} is cancelled."


@admin.register(JobEvent)
class JobEventAdmin(ReadOnlyAdmin):
    list_display = ("job", "seq", "level", "message", "created_at")
    list_filter = ("level", ("organisation", OwnedFilter))
    list_select_related = ("job",)
    search_fields = ("message", "job__name")


def _tell(job: FinetuningJob) -> dict[str, Any]:
    """What the page's template shows, in two queries."""
    events = list(job.events.order_by("seq"))
    epochs = [event.data["epoch"] for event in events if _is_number(event.data.get("epoch"))]
    named = TunedModel.unscoped.filter(organisation_id=job.organisation_id, name=job.tuned_model)
    return {
        "job": job,
        "is_open": job.status in UNFINISHED,
        "percent": min(round(100 * max(epochs, default=0) / max(job.epochs, 1)), 100),
        "latest": events[-1].message if events else "",
        "figures": tuple(_figures(job.metrics)),
        "tuned": named.defer("weights").first() if job.tuned_model else None,
        "course": draw(events),
    }


def _figures(metrics: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Those that are figures, by their names in words."""
    for name, words in FIGURES.items():
        value = metrics.get(name)
        if name == "accuracy" and isinstance(value, int | float):
            yield words, f"{value:.0%}"
        elif isinstance(value, int | float):
            yield words, f"{value:,.4g}" if isinstance(value, float) else f"{value:,}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)
