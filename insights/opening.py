"""The rows of a run: what was ordered, which answers there are, and which must be asked for.

An answer is asked for once for each conversation, template version and generation. A run that
nobody asked for by hand shares the newest answer, if that has read the same messages; any other run
raises the generation (ADR 10).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from insights.completion import finish_runs
from insights.models import CLOSED, Group, Result, Run, RunItem, Status, TemplateVersion, Trigger
from jobs.services import Job, enqueue_many

EXTRACT = "insights.extract"
ATTEMPTS = 5
LATER = 10

type Key = tuple[uuid.UUID, uuid.UUID, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A run that is to be made: `versions` over the first `length` messages of a conversation."""

    conversation_id: uuid.UUID
    length: int
    versions: Sequence[TemplateVersion]
    trigger: Trigger
    group: Group | None = None
    cause: str | None = None
    backfill_id: uuid.UUID | None = None
    model: str = ""


def open_runs(organisation_id: uuid.UUID, orders: Sequence[Order]) -> list[Run]:
    """Make the runs that were ordered and, where nobody has asked yet, the results and their jobs.

    The caller holds a transaction and the conversations' locks. An order whose cause has a run
    already is passed over. Takes a constant number of queries.
    """
    orders = _without_known_causes(organisation_id, orders)
    answers = Answers(organisation_id, orders)
    runs = [_new_run(organisation_id, order) for order in orders]
    items = [
        RunItem(organisation_id=organisation_id, run=run, result=answers.of(order, version))
        for run, order in zip(runs, orders, strict=True)
        for version in order.versions
    ]
    Run.objects.bulk_create(runs)
    Result.objects.bulk_create(answers.new)
    RunItem.objects.bulk_create(items)
    enqueue_many([_job(result, orders[0]) for result in answers.new])
    waiting = {item.run_id for item in items if item.result.status not in CLOSED}
    finish_runs([run.id for run in runs if run.id not in waiting])
    return runs


def _without_known_causes(organisation_id: uuid.UUID, orders: Sequence[Order]) -> list[Order]:
    causes = [order.cause for order in orders if order.cause]
    runs = Run.objects.for_organisation(organisation_id).filter(cause__in=causes)
    known = set(runs.values_list("cause", flat=True)) if causes else set()
    return [order for order in orders if order.cause not in known]


class Answers:
    """The results that orders need: those there are, locked so that no worker closes one unseen,
    and `new` ones."""

    def __init__(self, organisation_id: uuid.UUID, orders: Sequence[Order]) -> None:
        self.organisation_id = organisation_id
        self.new: list[Result] = []
        self._newest = self._lock_newest(orders)

    def of(self, order: Order, version: TemplateVersion) -> Result:
        last = self._newest.get(_key(order, version))
        if last is not None and _serves(last, order):
            return last
        return self._add(order, version, generation=last.generation + 1 if last else 1)

    def _add(self, order: Order, version: TemplateVersion, *, generation: int) -> Result:
        result = Result(
            organisation_id=self.organisation_id,
            conversation_id=order.conversation_id,
            template_id=version.template_id,
            version=version,
            template_ref=version.template_id,
            version_number=version.number,
            generation=generation,
            transcript_length=order.length,
            requested_model=order.model,
        )
        self.new.append(result)
        self._newest[_key(order, version)] = result
        return result

    def _lock_newest(self, orders: Sequence[Order]) -> dict[Key, Result]:
        results = (
            Result.objects.for_organisation(self.organisation_id)
            .filter(
                conversation_id__in={order.conversation_id for order in orders},
                template_ref__in={v.template_id for order in orders for v in order.versions},
            )
            .select_for_update()
            .order_by("id")
        )
        by_generation = sorted(results, key=lambda result: result.generation)
        return {(r.conversation_id, r.template_ref, r.version_number): r for r in by_generation}


def _key(order: Order, version: TemplateVersion) -> Key:
    return order.conversation_id, version.template_id, version.number


def _serves(result: Result, order: Order) -> bool:
    """Whether an answer that is there, or on its way, will do."""
    return (
        order.trigger != Trigger.MANUAL
        and result.status != Status.FAILED
        and result.transcript_length == order.length
    )


def _new_run(organisation_id: uuid.UUID, order: Order) -> Run:
    return Run(
        organisation_id=organisation_id,
        conversation_id=order.conversation_id,
        group=order.group,
        trigger=order.trigger,
        cause=order.cause,
        backfill_id=order.backfill_id,
        transcript_length=order.length,
    )


def _job(result: Result, order: Order) -> Job:
    """`order` is any of those that were made together. What nobody waits for comes last."""
    return Job(
        kind=EXTRACT,
        organisation_id=result.organisation_id,
        subject=result.id,
        dedupe_key=f"{EXTRACT}:{result.id}",
        priority=LATER if order.trigger == Trigger.BACKFILL else 0,
        max_attempts=ATTEMPTS,
    )
