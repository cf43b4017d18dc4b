"""The job that advances an execution: runs its workflow to the end, or to the next wait."""

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import assert_never

from django.db import connections
from django.db.models import QuerySet
from django.db.models.functions import Coalesce, Now

from common import plugboard
from executions.models import Execution, ExecutionStatus, ExecutionStep, StepState
from executions.run import Parked, Run
from jobs.handlers import Claim, Outcome, Permanent, subjects
from jobs.services import enqueue
from vocabulary.json import Json

KIND = "executions.advance"
THREADS = 16

type Workflow = Callable[[Run], Json]


@dataclass(frozen=True, slots=True)
class Returned:
    """The workflow's result."""

    result: Json


@dataclass(frozen=True, slots=True)
class Waiting:
    """The step that the workflow waits at."""

    step: str


type Ending = Returned | Waiting

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="workflow")


class Advance:
    """Workflows are synchronous; each runs in a thread."""

    limit = THREADS
    deadline = 3600.0

    def load(self, claims: Sequence[Claim]) -> Mapping[uuid.UUID, Execution]:
        due = Execution.unscoped.filter(
            id__in=subjects(claims),
            status__in=(ExecutionStatus.QUEUED, ExecutionStatus.RUNNING),
        )
        due.update(status=ExecutionStatus.RUNNING, started_at=Coalesce("started_at", Now()))
        executions = {execution.id: execution for execution in due}
        return {
            claim.id: executions[claim.subject] for claim in claims if claim.subject in executions
        }

    async def perform(self, work: Execution) -> Outcome[Ending]:
        loop = asyncio.get_running_loop()
        return Outcome(result=await loop.run_in_executor(_threads, _run, work))

    def commit(self, outcomes: Sequence[tuple[Claim, Outcome[Ending]]]) -> None:
        for claim, outcome in outcomes:
            match outcome.result:
                case Returned(result):
                    _complete(claim, result)
                case Waiting(step):
                    _park(claim, step)
                case _:
                    assert_never(outcome.result)

    def bury(self, claims: Sequence[tuple[Claim, str]]) -> None:
        for claim, error in claims:
            _running(claim).update(status=ExecutionStatus.FAILED, error=error, finished_at=Now())


def advance(execution: Execution) -> None:
    """Have an execution advanced, once the caller's transaction is committed."""
    enqueue(KIND, organisation_id=execution.organisation_id, subject=execution.id)


def _run(execution: Execution) -> Ending:
    path = plugboard.row("WORKFLOWS", execution.workflow)
    if path is None:
        raise Permanent(f"there is no workflow {execution.workflow!r}")
    workflow: Workflow = plugboard.load(path)
    try:
        return Returned(workflow(Run(execution)))
    except Parked as parked:
        return Waiting(parked.step)
    finally:
        connections.close_all()


def _complete(claim: Claim, result: Json) -> None:
    _running(claim).update(status=ExecutionStatus.COMPLETED, result=result, finished_at=Now())


def _park(claim: Claim, step: str) -> None:
    """Wait, unless the answer came before we did; `resume` holds the same row lock."""
    execution = _running(claim).select_for_update().first()
    if execution is None:
        return
    unanswered = ExecutionStep.unscoped.filter(
        execution=execution, name=step, state=StepState.WAITING
    )
    if unanswered.exists():
        _running(claim).update(status=ExecutionStatus.WAITING)
    else:
        advance(execution)


def _running(claim: Claim) -> QuerySet[Execution]:
    assert claim.subject is not None  # `load` left such out
    return Execution.unscoped.filter(id=claim.subject, status=ExecutionStatus.RUNNING)
