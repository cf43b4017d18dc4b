"""Admin of durable executions and their journals."""

from django.contrib import admin
from unfold.decorators import display

from executions.models import UNFINISHED, Execution, ExecutionStep
from executions.services import cancel
from organisations.actor import Actor
from organisations.deeds import Deed, DeedsAdmin
from organisations.scoping import OwnedFilter, ReadOnly, ReadOnlyAdmin, ReadOnlyInline
from organisations.telling import BADGES


class StepsInline(ReadOnlyInline):
    model = ExecutionStep
    fields = ("seq", "name", "state", "output", "started_at", "finished_at")
    readonly_fields = fields
    verbose_name_plural = "steps"
    per_page: int | None = 50  # type: ignore[assignment]


@admin.register(Execution)
class ExecutionAdmin(ReadOnly, DeedsAdmin):
    list_display = (
        "workflow", "name", "badge", "created_at", "started_at", "finished_at", "organisation",
    )  # fmt: skip
    list_filter = ("status", "workflow", ("organisation", OwnedFilter))
    list_select_related = ("organisation",)
    search_fields = ("workflow", "name", "error")
    readonly_fields = ("badge",)
    inlines = (StepsInline,)
    exclude = ("input_digest",)
    deeds = (
        Deed(
            name="cancel",
            label="Cancel",
            icon="cancel",
            danger=True,
            offered=lambda execution: execution.status in UNFINISHED,
            confirm="It stops at its next step, for good. Cancel it?",
        ),
    )

    @display(description="status", ordering="status", label=BADGES)
    def badge(self, execution: Execution) -> str:
        return execution.status

    def cancel(self, actor: Actor, execution: Execution) -> str:
        cancel(actor, execution.pk)
        return f"{execution} is cancelled."


@admin.register(ExecutionStep)
class ExecutionStepAdmin(ReadOnlyAdmin):
    list_display = ("execution", "seq", "name", "badge", "started_at", "finished_at")
    list_filter = ("state", ("organisation", OwnedFilter))
    list_select_related = ("execution",)
    search_fields = ("name", "execution__name")

    @display(description="state", ordering="state", label=BADGES)
    def badge(self, step: ExecutionStep) -> str:
        return step.state
