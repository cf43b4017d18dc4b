"""Backfills: a template put to conversations of the past, batch by batch, within a budget.

The next batch is ordered when the one before is answered, so what answers cost is known in time.
Conversations that the template's version has answered as they stand are not asked about again.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any, TypedDict, cast

from django.db import transaction

from common import ids
from conversations.models import Conversation
from executions.models import Execution
from executions.run import Run as Journey
from executions.services import start
from insights.batches import execution_name, wake
from insights.candidates import (
    LAST_LOT,
    Filter,
    find_candidates,
    find_threshold,
    next_candidates,
)
from insights.models import TemplateVersion, Trigger
from insights.opening import Order, open_runs
from insights.queries import get_current_version
from insights.reports import money
from insights.spending import Spending, find_spending, find_usual_cost
from organisations.actor import Actor
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject

WORKFLOW = "insights.backfill"
BATCH = 500
# With a budget, the first batch only shows what an answer costs.
PROBE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What was asked for: `sample` of all conversations that match, for at most about `max_cost`
    USD. Answers differ in cost, so a batch may end a little over it."""

    backfill_id: uuid.UUID
    version_id: uuid.UUID
    filter: Filter
    sample: int | None
    max_cost: Decimal | None
    dry_run: bool


class Plan(TypedDict):
    """How many conversations match, which lots make up the sample and how many those are."""

    matching: int
    wanted: int
    threshold: int
    estimated_cost: str | None


class Batch(TypedDict):
    """Where the next batch goes on, or why there is none."""

    last: str | None
    stopped: str | None


def start_backfill(
    actor: Actor,
    template_id: uuid.UUID,
    *,
    filter: Filter | None = None,
    sample: int | None = None,
    max_cost: Decimal | None = None,
    dry_run: bool = False,
) -> Execution:
    """Start asking a template's current version about past conversations; `describe` tells how it
    goes. A dry run only counts and estimates."""
    if sample is not None and sample < 1:
        raise InvalidRequest("sample", "must be at least 1")
    if max_cost is not None and not max_cost > 0:
        raise InvalidRequest("max_cost", "must be more than 0")
    version = get_current_version(actor, template_id)
    find_candidates(version, filter or {})  # raises what is wrong with the filter
    terms = Terms(
        backfill_id=ids.new_uuid(),
        version_id=version.id,
        filter=filter or {},
        sample=sample,
        max_cost=max_cost,
        dry_run=dry_run,
    )
    name = execution_name(terms.backfill_id)
    return start(actor, WORKFLOW, name=name, input=_write(terms))


def describe(execution: Execution) -> JsonObject:
    """A backfill as surfaces show it."""
    return {
        "id": str(execution.id),
        "status": execution.status,
        "progress": execution.result or execution.progress,
        "error": execution.error or None,
    }


# -- the workflow -------------------------------------------------------------------------------
def backfill(journey: Journey) -> Json:
    """Begins at its top again after each batch, so that is where it reports."""
    terms = _read(journey.input)
    plan = cast(Plan, journey.step("plan", _plan, journey.input))
    journey.report(_progress(terms, plan))
    last: str | None = None
    for number in count(1):
        answered = f"batch {number} answered"
        journey.expect(answered)
        step = journey.step(f"batch {number}", _order_batch, journey.input, plan, last)
        batch = cast(Batch, step)
        if batch["stopped"]:
            return {**_progress(terms, plan), "stopped": batch["stopped"]}
        journey.wait(answered)
        last = batch["last"]
    raise AssertionError("counting does not end")


def _plan(given: JsonObject) -> JsonObject:
    terms = _read(given)
    version = TemplateVersion.unscoped.get(id=terms.version_id)
    candidates = find_candidates(version, terms.filter)
    matching = candidates.count()
    wanted = min(matching, terms.sample or matching)
    usual = find_usual_cost(version)
    plan = Plan(
        matching=matching,
        wanted=wanted,
        threshold=find_threshold(candidates, wanted) if wanted < matching else LAST_LOT,
        estimated_cost=money(usual and usual * wanted),
    )
    return cast(JsonObject, plan)


def _order_batch(given: JsonObject, plan: Plan, last: str | None) -> JsonObject:
    terms = _read(given)
    spending = find_spending(terms.backfill_id)
    stopped = _why_stop(terms, plan, spending)
    chosen = [] if stopped else _choose(terms, plan, spending, last)
    if not chosen:
        return {"last": None, "stopped": stopped or "done"}
    _order(terms, chosen)
    return {"last": str(chosen[-1]), "stopped": None}


def _why_stop(terms: Terms, plan: Plan, spending: Spending) -> str | None:
    if terms.dry_run:
        return "dry_run"
    if spending.ordered >= plan["wanted"]:
        return "done"
    if terms.max_cost and spending.unpriced:
        return "the model has no price, so max_cost cannot be kept"
    return "max_cost" if _affordable(terms, spending) < 1 else None


def _affordable(terms: Terms, spending: Spending) -> int:
    """How many conversations the next batch may have."""
    if terms.max_cost is None:
        return BATCH
    if not spending.answers:
        return PROBE
    return min(BATCH, spending.count_affordable(terms.max_cost, BATCH))


def _choose(terms: Terms, plan: Plan, spending: Spending, last: str | None) -> list[uuid.UUID]:
    version = TemplateVersion.unscoped.get(id=terms.version_id)
    return next_candidates(
        find_candidates(version, terms.filter),
        before=uuid.UUID(last) if last else None,
        threshold=plan["threshold"],
        most=min(_affordable(terms, spending), plan["wanted"] - spending.ordered),
    )


def _order(terms: Terms, chosen: Sequence[uuid.UUID]) -> None:
    """Open the runs. A second time, after a crash, there are runs for them already."""
    version = TemplateVersion.unscoped.get(id=terms.version_id)
    with transaction.atomic():
        conversations = (
            Conversation.objects.for_organisation(version.organisation_id)
            .filter(id__in=chosen)
            .select_for_update()
            .order_by("id")
        )
        orders = [
            Order(
                conversation_id=conversation.id,
                length=conversation.message_count,
                versions=[version],
                trigger=Trigger.BACKFILL,
                cause=f"backfill:{terms.backfill_id}:{conversation.id}",
                backfill_id=terms.backfill_id,
            )
            for conversation in conversations
        ]
        open_runs(version.organisation_id, orders)
        wake(version.organisation_id, terms.backfill_id)


def _progress(terms: Terms, plan: Plan) -> JsonObject:
    spending = find_spending(terms.backfill_id)
    return {
        "matching": plan["matching"],
        "wanted": plan["wanted"],
        "estimated_cost": plan["estimated_cost"],
        "ordered": spending.ordered,
        "completed": spending.completed,
        "failed": spending.failed,
        "cost": money(spending.cost),
    }


# -- terms as JSON ------------------------------------------------------------------------------
def _write(terms: Terms) -> JsonObject:
    return {
        "backfill_id": str(terms.backfill_id),
        "version_id": str(terms.version_id),
        "filter": {name: list(texts) for name, texts in terms.filter.items()},
        "sample": terms.sample,
        "max_cost": None if terms.max_cost is None else str(terms.max_cost),
        "dry_run": terms.dry_run,
    }


def _read(given: Any) -> Terms:
    return Terms(
        backfill_id=uuid.UUID(given["backfill_id"]),
        version_id=uuid.UUID(given["version_id"]),
        filter=given["filter"],
        sample=given["sample"],
        max_cost=None if given["max_cost"] is None else Decimal(given["max_cost"]),
        dry_run=given["dry_run"],
    )
