"""Admin of the engine: the queue for everyone's own work, its processes for the operator."""

from django.contrib import admin
from unfold.decorators import display

from jobs.models import Job, Leadership, Tally, Worker
from organisations.models import Role
from organisations.scoping import DeploymentAdmin, OwnedFilter, ReadOnly, ReadOnlyAdmin
from organisations.telling import BADGES


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Jobs of the deployment itself have no organisation: only superusers see them."""

    readers = Role.MEMBER
    list_display = (
        "kind", "badge", "subject", "attempts", "run_at", "lease_until", "finished_at",
        "organisation",
    )  # fmt: skip
    list_filter = ("state", "kind", ("organisation", OwnedFilter))
    list_select_related = ("organisation",)
    search_fields = ("kind", "error", "=subject")
    search_help_text = "An id, a subject's id, a kind, words of the error"

    @display(description="state", ordering="state", label=BADGES)
    def badge(self, job: Job) -> str:
        return job.state


@admin.register(Worker)
class WorkerAdmin(ReadOnly, DeploymentAdmin):
    list_display = ("host", "pid", "started_at", "seen_at")
    search_fields = ("host",)
    ordering = ("-seen_at",)


@admin.register(Leadership)
class LeadershipAdmin(ReadOnly, DeploymentAdmin):
    list_display = ("name", "holder", "until")
    search_fields = ("name",)


@admin.register(Tally)
class TallyAdmin(ReadOnly, DeploymentAdmin):
    list_display = ("name", "value")
    search_fields = ("name",)
