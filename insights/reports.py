"""What a run says of itself: the object that surfaces show and webhooks carry."""

import json
from decimal import Decimal

from common import clock
from insights.models import Result, Run
from vocabulary.json import Json, JsonObject


def describe(run: Run) -> JsonObject:
    """The run and its results. Times are RFC 3339 UTC, money is USD as decimal text."""
    return {
        "id": str(run.id),
        "conversation_id": str(run.conversation_id),
        "insight_group_id": str(run.group_id) if run.group_id else None,
        "trigger": run.trigger,
        "status": run.status,
        "created_at": clock.rfc3339(run.created_at),
        "started_at": clock.rfc3339_or_none(run.started_at),
        "finished_at": clock.rfc3339_or_none(run.finished_at),
        "error": run.error or None,
        "results": [describe_result(result) for result in run.results.all()],
    }


def describe_result(result: Result) -> JsonObject:
    """One result, with the state and the evidence of each field of its value."""
    return {
        "insight_id": str(result.template_ref),
        "template_version": result.version_number,
        "generation": result.generation,
        "status": result.status,
        "error": result.error or None,
        "result": in_words(result.value),
        "value": result.value,
        "fields": result.fields,
        "model": result.model or None,
        "served_by": result.served_by or None,
        "usage": {
            "prompt_tokens": result.prompt_tokens,
            "completion_tokens": result.completion_tokens,
            "total_tokens": result.prompt_tokens + result.completion_tokens,
        },
        "cost": money(result.cost),
        "latency_ms": result.latency_ms,
    }


def in_words(value: Json) -> str:
    """Text as it is, anything else as JSON; nothing for no value."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


def money(cost: Decimal | None) -> str | None:
    """An amount as decimal text, without an exponent."""
    return None if cost is None else f"{cost.normalize():f}"
