"""The job that drives a fine-tuning: begun once, looked at until it ends, its model then offered.

Where it stands is in the row of the fine-tuning, so whoever takes the job up after a crash goes on
from there: a trainer knows by the key (the row's id) what it has begun already. A fine-tuning that
was cancelled is driven once more, so that an upstream ends it too.
"""

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from common import clock
from common.db import in_thread
from files.contents import at_hand
from files.queries import get_object
from finetuning.events import add_events
from finetuning.models import UNFINISHED, FinetuningJob, JobStatus
from jobs.handlers import Claim, Outcome, subjects
from jobs.services import enqueue
from organisations.actor import Actor, system
from providers.protocols import FinetuningProvider, Target
from providers.routing import finetuning_provider
from providers.tuned import add_tuned_model, get_base
from vocabulary.errors import (
    DomainError,
    InvalidRequest,
    NotFound,
    NotInstalled,
    Overloaded,
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamTimedOut,
    UpstreamUnavailable,
)
from vocabulary.finetuning import TuningEvent, TuningOrder, TuningState

KIND: Final = "finetuning.drive"
MAX_ATTEMPTS: Final = 20
LONGEST: Final = timedelta(days=7)
SLOWEST: Final = 30.0  # seconds between two looks
_PATIENT: Final = (UpstreamUnavailable, UpstreamTimedOut, UpstreamRateLimited, Overloaded)
_ENDED: Final = frozenset({"succeeded", "failed", "cancelled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A fine-tuning as it stood when it was loaded. `known` is the key of its newest event."""

    job: FinetuningJob
    known: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What came of it. Without a `state` nothing changed; `has_begun` says that it is under way.

    `base` is what it trains, as it was found.
    """

    job_id: uuid.UUID
    state: TuningState | None = None
    base: Target | None = None
    has_begun: bool = False


class Drive:
    """The handler of `finetuning.drive`; its subject is the fine-tuning job."""

    limit = 8
    deadline = 3_600.0  # seconds that the builtin trainer may take

    def load(self, claims: Sequence[Claim]) -> Mapping[uuid.UUID, Work]:
        """Left out: those that have ended by themselves."""
        due = (*UNFINISHED, JobStatus.CANCELLED)
        jobs = FinetuningJob.unscoped.in_bulk(subjects(claims))
        return {
            claim.id: Work(job=job, known=_newest_key(job))
            for claim in claims
            if claim.subject and (job := jobs.get(claim.subject)) and job.status in due
        }

    async def perform(self, work: Work) -> Outcome[Step]:
        job = work.job
        if job.status == JobStatus.QUEUED:
            return Outcome(result=Step(job_id=job.pk, has_begun=True), again_in=0)
        try:
            base = await in_thread(get_base, _actor(job), job.model)
            trainer = finetuning_provider(base.account.kind)
            if job.status == JobStatus.CANCELLED:
                return await _cancel(job, trainer, base)
            state = await _advance(work, trainer, base)
        except _PATIENT as error:
            if not job.upstream_id:
                raise  # tried again some times, and then given up
            if _is_too_old(job):
                return Outcome(result=_failed(job, error))
            return Outcome(result=Step(job_id=job.pk), again_in=SLOWEST)
        except (InvalidRequest, NotFound, NotInstalled, UpstreamRefused) as error:
            return Outcome(result=_failed(job, error))
        if state.status not in _ENDED and _is_too_old(job):
            return Outcome(result=_failed(job, DomainError(f"not finished in {LONGEST.days} days")))
        again_in = None if state.status in _ENDED else _wait(job)
        return Outcome(result=Step(job_id=job.pk, state=state, base=base), again_in=again_in)

    def commit(self, outcomes: Sequence[tuple[Claim, Outcome[Step]]]) -> None:
        for _, outcome in outcomes:
            _commit(outcome.result)

    def bury(self, claims: Sequence[tuple[Claim, str]]) -> None:
        for claim, reason in claims:
            if claim.subject is not None:
                state = TuningState(id="", status="failed", error=reason)
                _commit(Step(job_id=claim.subject, state=state))


# -- performing ---------------------------------------------------------------------------------
async def _advance(work: Work, trainer: FinetuningProvider, base: Target) -> TuningState:
    job = work.job
    if job.upstream_id:
        return await trainer.look(job.upstream_id, base, known=work.known)
    async with _local(job, job.training_path) as training:
        if not job.validation_path:
            return await trainer.begin(_order(job, training, None), base)
        async with _local(job, job.validation_path) as validation:
            return await trainer.begin(_order(job, training, validation), base)


async def _cancel(job: FinetuningJob, trainer: FinetuningProvider, base: Target) -> Outcome[Step]:
    """An upstream may have begun what we had no time to write down."""
    upstream_id = job.upstream_id
    if not upstream_id:
        found = await trainer.find(str(job.pk), base)
        upstream_id = "" if found is None or found.status in _ENDED else found.id
    if upstream_id:
        await trainer.cancel(upstream_id, base)
    return Outcome(result=Step(job_id=job.pk))


def _order(job: FinetuningJob, training: Path, validation: Path | None) -> TuningOrder:
    return TuningOrder(
        key=str(job.pk),
        model=job.model,
        training=training,
        validation=validation,
        epochs=job.epochs,
        suffix=job.suffix,
    )


@asynccontextmanager
async def _local(job: FinetuningJob, path: str) -> AsyncIterator[Path]:
    """The file of that path on this machine, while the block lasts."""
    stored = await in_thread(get_object, _actor(job), job.bucket_name, path)
    async with at_hand(stored.blob) as file:
        yield file


def _actor(job: FinetuningJob) -> Actor:
    return system(job.organisation_id, "fine-tuning")


def _wait(job: FinetuningJob) -> float:
    """Seconds until the next look: a tenth of the time that it has taken, up to half a minute."""
    begun = job.started_at or job.created_at
    return min(SLOWEST, 1 + (clock.now() - begun).total_seconds() / 10)


def _is_too_old(job: FinetuningJob) -> bool:
    return clock.now() - job.created_at > LONGEST


def _failed(job: FinetuningJob, error: DomainError) -> Step:
    state = TuningState(id=job.upstream_id, status="failed", error=error.message)
    return Step(job_id=job.pk, state=state)


def _newest_key(job: FinetuningJob) -> str:
    keys = job.events.exclude(key=None).order_by("-seq").values_list("key", flat=True)
    return keys.first() or ""


# -- committing ---------------------------------------------------------------------------------
def _commit(step: Step) -> None:
    job = FinetuningJob.unscoped.select_for_update().filter(pk=step.job_id).first()
    if job is None:
        return
    if job.status == JobStatus.CANCELLED:
        _note_orphan(job, step)
    elif job.status in UNFINISHED:
        _write(job, step)


def _note_orphan(job: FinetuningJob, step: Step) -> None:
    """It was cancelled while an upstream began it: it must be ended there."""
    state = step.state
    if state is None or not state.id or state.status in _ENDED or job.upstream_id:
        return
    job.upstream_id = state.id
    job.save(update_fields=["upstream_id"])
    enqueue(KIND, organisation_id=job.organisation_id, subject=job.pk, max_attempts=MAX_ATTEMPTS)


def _write(job: FinetuningJob, step: Step) -> None:
    if step.has_begun and job.status == JobStatus.QUEUED:
        job.status, job.started_at = JobStatus.RUNNING, clock.now()
    if step.state is not None:
        _write_state(job, step.state, step.base)
    job.save()


def _write_state(job: FinetuningJob, state: TuningState, base: Target | None) -> None:
    add_events(job, state.events)
    job.upstream_id = state.id or job.upstream_id
    if state.trained_tokens is not None:
        job.trained_tokens = state.trained_tokens
    job.metrics = {**job.metrics, **state.metrics}
    if state.status not in _ENDED:
        return
    job.finished_at = clock.now()
    job.status = JobStatus(state.status)
    if state.status == "failed":
        job.error = state.error or "the provider does not say why"
        add_events(job, [TuningEvent(key="failed", level="error", message=job.error)])
    elif state.status == "succeeded" and base is not None:
        _offer(job, state, base)


def _offer(job: FinetuningJob, state: TuningState, base: Target) -> None:
    try:
        add_tuned_model(job.organisation_id, name=job.name, base=base, state=state)
    except NotFound as error:
        job.status, job.error = JobStatus.FAILED, error.message
        return
    job.tuned_model = job.name
    add_events(job, [TuningEvent(key="succeeded", message=f"{job.name} is ready")])
