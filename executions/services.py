"""Starting, resuming and ending executions; `executions.engine` advances them."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from executions import engine, journal
from executions.models import (
    UNFINISHED,
    Execution,
    ExecutionStatus,
    ExecutionStep,
    StepState,
)
from jobs.services import cancel_jobs
from organisations.actor import Actor
from vocabulary.errors import Conflict, InvalidRequest, NotFound
from vocabulary.json import Json, JsonObject, canonical, digest

LONGEST = timedelta(hours=24)
MAX_PAYLOAD = 256 * 1024  # bytes of canonical JSON


def start(actor: Actor, workflow: str, *, name: str, input: JsonObject) -> Execution:
    """Start `workflow`. The same name, workflow and input again give the execution there is.

    Raises `Conflict` if the organisation has another execution of that name.
    """
    wanted = digest({"workflow": workflow, "input": input})
    with transaction.atomic():
        started = _insert(actor, workflow, name, input, wanted)
        execution = Execution.objects.for_organisation(actor.organisation_id).get(name=name)
        if execution.id == started:
            engine.advance(execution)
        elif execution.input_digest != wanted:
            raise Conflict(f"an execution named {name!r} was started with other input")
        return execution


def resume(
    actor: Actor, execution_id: uuid.UUID, payload: Json, *, step: str | None = None
) -> Execution:
    """Give a waiting step, the first one unless named, what it waits for: once.

    Raises `Conflict` if nothing waits for it, or no longer.
    """
    if len(canonical(payload).encode()) > MAX_PAYLOAD:
        raise InvalidRequest("payload", f"is over {MAX_PAYLOAD} bytes")
    with transaction.atomic():
        execution = _lock(actor, execution_id)
        waiting = ExecutionStep.unscoped.filter(execution=execution, state=StepState.WAITING)
        entry = (waiting if step is None else waiting.filter(name=step)).order_by("seq").first()
        if entry is None or execution.status not in UNFINISHED:
            raise Conflict("the execution does not wait for this")
        journal.close(entry.id, StepState.WAITING, StepState.COMPLETED, payload)
        if execution.status == ExecutionStatus.WAITING:
            execution.status = ExecutionStatus.QUEUED
            execution.save(update_fields=["status"])
            engine.advance(execution)
        return execution


def cancel(actor: Actor, execution_id: uuid.UUID) -> Execution:
    """End an execution; its workflow stops at the next step. One that has ended stays as it is."""
    with transaction.atomic():
        execution = _lock(actor, execution_id)
        if execution.status in UNFINISHED:
            _end([execution.id], ExecutionStatus.CANCELLED, "")
        execution.refresh_from_db()
        return execution


def fail_overdue_executions() -> None:
    """Fail executions that were not finished in time, those that wait too."""
    with transaction.atomic():
        overdue = Execution.unscoped.select_for_update(skip_locked=True).filter(
            status__in=UNFINISHED, deadline_at__lte=Now()
        )
        hours = LONGEST.total_seconds() / 3600
        _end([e.id for e in overdue], ExecutionStatus.FAILED, f"not finished within {hours:g} h")


def _insert(actor: Actor, workflow: str, name: str, input: JsonObject, wanted: str) -> uuid.UUID:
    """The id of the row that was inserted, or would have been if the name were free."""
    row = Execution(
        organisation_id=actor.organisation_id,
        workflow=workflow,
        name=name,
        input=input,
        input_digest=wanted,
        deadline_at=Now() + LONGEST,
    )
    Execution.objects.bulk_create([row], ignore_conflicts=True)
    return row.id


def _lock(actor: Actor, execution_id: uuid.UUID) -> Execution:
    mine = Execution.objects.for_organisation(actor.organisation_id)
    execution = mine.select_for_update().filter(id=execution_id).first()
    if execution is None:
        raise NotFound("execution not found")
    return execution


def _end(ids: list[uuid.UUID], status: ExecutionStatus, error: str) -> None:
    Execution.unscoped.filter(id__in=ids).update(status=status, error=error, finished_at=Now())
    for id in ids:
        cancel_jobs(engine.KIND, id)
