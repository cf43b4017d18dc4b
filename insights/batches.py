"""The wait of a backfill: it goes on when the runs that it ordered are closed."""

import uuid

from executions.models import Execution
from executions.services import resume
from insights.models import CLOSED, Run
from organisations.actor import system
from vocabulary.errors import Conflict


def execution_name(backfill_id: uuid.UUID) -> str:
    return f"backfill {backfill_id}"


def wake(organisation_id: uuid.UUID, backfill_id: uuid.UUID) -> None:
    """Let the backfill go on, if none of its runs is open any more.

    Must be called inside the transaction that may have closed the last one. The execution is locked
    before its runs are looked at: of two that close its last runs at once, the later one sees both.
    """
    executions = Execution.objects.for_organisation(organisation_id).select_for_update()
    execution = executions.filter(name=execution_name(backfill_id)).first()
    runs = Run.objects.for_organisation(organisation_id).filter(backfill_id=backfill_id)
    if execution is None or runs.exclude(status__in=CLOSED).exists():
        return
    try:
        resume(system(organisation_id), execution.id, None)
    except Conflict:
        return  # it was cancelled, or was told already
