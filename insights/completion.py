"""The end of a run: when its last result is in, it closes and is announced, in one transaction."""

import uuid
from collections.abc import Iterable, Mapping

from django.db.models import QuerySet

from common import clock
from insights import reports
from insights.batches import wake
from insights.models import CLOSED, Result, Run, Status
from insights.upsert import write_back
from vocabulary.json import Json
from webhooks.services import Address, Announcement, publish


def finish_runs(run_ids: Iterable[uuid.UUID]) -> None:
    """Close and announce those of the runs whose results are all in, none twice.

    Must be called inside the transaction that closed the results. The runs are locked in the order
    of their ids, and their results read after that: of two that close a run's last results at once,
    the later one sees both. Takes a constant number of queries (and three for each backfill).
    """
    runs = [run for run in _lock_open(run_ids) if _is_ready(run)]
    if not runs:
        return
    for run in runs:
        _close(run)
    write_back(runs, ["status", "error", "started_at", "finished_at"])
    publish(*map(_announce, runs))
    for owner, backfill_id in {(r.organisation_id, r.backfill_id) for r in runs if r.backfill_id}:
        wake(owner, backfill_id)


def _lock_open(run_ids: Iterable[uuid.UUID]) -> QuerySet[Run]:
    return (
        Run.unscoped.filter(id__in=set(run_ids))
        .exclude(status__in=CLOSED)
        .select_for_update(of=("self",))
        .order_by("id")
        .select_related("conversation", "group")
        .prefetch_related("results__template", "results__version")
    )


def _is_ready(run: Run) -> bool:
    return all(result.status in CLOSED for result in run.results.all())


def _close(run: Run) -> None:
    """A run is complete if all its results are; those that are keep their values in any case."""
    results = list(run.results.all())
    failed = [result for result in results if result.status == Status.FAILED]
    run.finished_at = clock.now()
    run.started_at = run.started_at or run.finished_at
    run.status = Status.FAILED if failed else Status.COMPLETED
    if failed:
        run.error = f"{len(failed)} of {len(results)} insights failed: {failed[0].error}"


def _announce(run: Run) -> Announcement:
    return Announcement(
        organisation_id=run.organisation_id,
        type=f"insight.{run.status}",
        subject=run.id,
        payload={
            **reports.describe(run),
            "conversation_metadata": _metadata(run),
            "instructions": _instructions(run),
        },
        addresses=tuple(Address(url=url) for url in _webhooks(run)),
    )


def _metadata(run: Run) -> Mapping[str, Json]:
    metadata: Mapping[str, Json] = run.conversation.metadata
    return metadata


def _instructions(run: Run) -> str | None:
    """The question itself, where the run asked a single one."""
    results = list(run.results.all())
    alone: Result | None = results[0] if len(results) == 1 and run.group_id is None else None
    return alone.version.instructions if alone and alone.version else None


def _webhooks(run: Run) -> list[str]:
    """The group's own address, else those of the templates."""
    if run.group and run.group.webhook:
        return [run.group.webhook]
    webhooks = (result.template.webhook for result in run.results.all() if result.template)
    return list(dict.fromkeys(filter(None, webhooks)))
