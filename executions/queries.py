"""Reads of executions, each of one organisation."""

import uuid

from executions.models import Execution
from organisations.actor import Actor
from vocabulary.errors import NotFound


def get_execution(actor: Actor, execution_id: uuid.UUID) -> Execution:
    """Raises `NotFound`, for another organisation's execution too."""
    execution = Execution.objects.for_organisation(actor.organisation_id).filter(id=execution_id)
    if (found := execution.first()) is None:
        raise NotFound("execution not found")
    return found
