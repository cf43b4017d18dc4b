"""Results as rows: answers are written once, and close the runs that waited for them."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from common import clock
from insights.answers import Answer
from insights.completion import finish_runs
from insights.models import Result, RunItem, Status
from insights.upsert import write_back
from usage import ledger

WRITTEN = (
    "status",
    "value",
    "fields",
    "error",
    "model",
    "served_by",
    "prompt_tokens",
    "completion_tokens",
    "cost",
    "latency_ms",
    "finished_at",
)


def record_answers(answers: Mapping[uuid.UUID, Answer]) -> None:
    """Write the answers to the results of these ids, their costs, and the runs' ends.

    Must be called inside a transaction. Results that are closed, or went with their conversation,
    stay as they are; what was spent on them is booked all the same.
    """
    ledger.insert([answer.entry for answer in answers.values() if answer.entry])
    results = list(
        Result.unscoped.filter(id__in=list(answers), status=Status.PENDING)
        .select_for_update()
        .order_by("id")
    )
    now = clock.now()
    for result in results:
        _close(result, answers[result.id], now)
    write_back(results, WRITTEN)
    items = RunItem.unscoped.filter(result__in=results)
    finish_runs(items.values_list("run_id", flat=True))


def _close(result: Result, answer: Answer, now: datetime) -> None:
    result.status = Status.FAILED if answer.error else Status.COMPLETED
    result.error = answer.error
    result.value = answer.value
    result.fields = list(answer.fields)
    result.finished_at = now
    if answer.entry is None:
        return
    result.model = answer.entry.model or answer.entry.requested_model
    result.served_by = answer.entry.served_by
    result.prompt_tokens = answer.entry.prompt_tokens
    result.completion_tokens = answer.entry.completion_tokens
    result.cost = answer.entry.cost
    result.latency_ms = answer.entry.latency_ms
