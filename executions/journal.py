"""The journal of an execution: what was begun and what came of it, each entry written once.

An entry is added under the execution's row lock and completed by one conditional update, so that
two processes that believe to own an execution, after a freeze, still write one story.
"""

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from executions.models import Execution, ExecutionStatus, ExecutionStep, StepState
from jobs.handlers import Permanent
from vocabulary.json import Json, canonical, digest

MAX_STEPS = 1_000
MAX_BYTES = 10_000_000  # of all outputs, as canonical JSON


class Stopped(Permanent):
    """The execution was cancelled, or its time is over."""


class Changed(Permanent):
    """A replay asks for another step than the journal holds: the workflow is not deterministic."""


class TooLong(Permanent):
    """The journal has reached its limit."""


class Interrupted(Permanent):
    """A step that must not be repeated was begun, and its end is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One step as the journal holds it; `fresh` is true for whoever began it."""

    id: uuid.UUID
    state: StepState
    output: Json
    fresh: bool

    @property
    def is_completed(self) -> bool:
        return self.state == StepState.COMPLETED


def begin(execution: Execution, name: str, asked: Json, *, waiting: bool = False) -> Entry:
    """The step called `name`, begun now unless the journal has it.

    `asked` is what the step is given. Raises `Stopped`, `Changed` or `TooLong`.
    """
    wanted = digest(asked)
    with transaction.atomic():
        _lock_running(execution)
        step = ExecutionStep.unscoped.filter(execution=execution, name=name).first()
        if step is None:
            return _entry(_add(execution, name, wanted, waiting), fresh=True)
        if step.input_digest != wanted:
            raise Changed(f"step {name!r} was journalled with other input")
        return _entry(step, fresh=False)


def complete(execution: Execution, entry: Entry, output: Json) -> Json:
    """Write down what came of a step; what another process wrote before stays and is returned."""
    size = len(canonical(output).encode())
    with transaction.atomic():
        running = _lock_running(execution)
        if running.journal_bytes + size > MAX_BYTES:
            raise TooLong(f"the journal would be over {MAX_BYTES} bytes")
        if close(entry.id, StepState.STARTED, StepState.COMPLETED, output):
            Execution.unscoped.filter(id=execution.id).update(
                journal_bytes=F("journal_bytes") + size
            )
            return output
        stored: Json = ExecutionStep.unscoped.values_list("output", flat=True).get(id=entry.id)
        return stored


def interrupt(entry: Entry) -> None:
    """Write down that a step was begun and never ended."""
    close(entry.id, StepState.STARTED, StepState.INTERRUPTED, None)


def close(id: uuid.UUID, old: StepState, new: StepState, output: Json) -> bool:
    """Move a step from one state to another, once."""
    step = ExecutionStep.unscoped.filter(id=id, state=old)
    return bool(step.update(state=new, output=output, finished_at=Now()))


def _lock_running(execution: Execution) -> Execution:
    running = (
        Execution.unscoped.select_for_update()
        .filter(id=execution.id, status=ExecutionStatus.RUNNING, deadline_at__gt=Now())
        .first()
    )
    if running is None:
        raise Stopped
    return running


def _add(execution: Execution, name: str, wanted: str, waiting: bool) -> ExecutionStep:
    count = ExecutionStep.unscoped.filter(execution=execution).count()
    if count >= MAX_STEPS:
        raise TooLong(f"an execution has at most {MAX_STEPS} steps")
    return ExecutionStep.unscoped.create(
        organisation_id=execution.organisation_id,
        execution=execution,
        seq=count + 1,
        name=name,
        state=StepState.WAITING if waiting else StepState.STARTED,
        input_digest=wanted,
    )


def _entry(step: ExecutionStep, *, fresh: bool) -> Entry:
    return Entry(id=step.id, state=StepState(step.state), output=step.output, fresh=fresh)
