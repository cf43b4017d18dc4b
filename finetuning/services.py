"""Starting and cancelling fine-tuning jobs. `finetuning.driving` takes them to their end."""

from typing import Final

from django.db import transaction

from common import clock, ids
from files.models import StoredObject
from finetuning.driving import KIND, MAX_ATTEMPTS
from finetuning.events import add_events
from finetuning.models import UNFINISHED, FinetuningJob, JobStatus
from finetuning.queries import get_job
from finetuning.training_files import check_file, get_file
from jobs.services import enqueue
from organisations import audit
from organisations.actor import Actor
from organisations.models import Organisation
from providers.protocols import Target
from providers.routing import finetuning_provider
from providers.tuned import NAME_LENGTH, get_base
from vocabulary.errors import InvalidRequest
from vocabulary.finetuning import TuningEvent

DEFAULT_EPOCHS: Final = 3
MOST_EPOCHS: Final = 50
MOST_SUFFIX: Final = 64
_ID_LENGTH: Final = 12


def create_job(
    actor: Actor,
    *,
    model: str,
    training_file: str,
    suffix: str = "",
    epochs: int = DEFAULT_EPOCHS,
    validation_file: str = "",
) -> FinetuningJob:
    """Start training `model` on a file in a bucket, which is read and judged at once.

    Raises `ModelNotFound`, `NotFound`, or `InvalidRequest` with what is wrong in the file.
    """
    if not 1 <= epochs <= MOST_EPOCHS:
        raise InvalidRequest("hyperparameters.n_epochs", f"must be between 1 and {MOST_EPOCHS}")
    if len(suffix) > MOST_SUFFIX:
        raise InvalidRequest("suffix", f"must have at most {MOST_SUFFIX} characters")
    base = get_base(actor, model)
    trainer = finetuning_provider(base.account.kind)
    training = get_file(actor, training_file)
    count = check_file(training.blob, trainer)
    validation = get_file(actor, validation_file, "validation_file") if validation_file else None
    if validation is not None:
        check_file(validation.blob, trainer, "validation_file")
    job = _new_job(actor, base, training, validation, suffix)
    job.training_file, job.validation_file, job.epochs = training_file, validation_file, epochs
    with transaction.atomic():
        job.save(force_insert=True)
        told = TuningEvent(key="created", message=f"The training file is right: {count} examples")
        add_events(job, [told])
        _order(job)
        audit.record(actor, "finetuning.create", job, model=base.name)
    return job


def cancel_job(actor: Actor, name: str) -> FinetuningJob:
    """End a job. Raises `InvalidRequest` for one that has ended."""
    with transaction.atomic():
        jobs = FinetuningJob.objects.for_organisation(actor.organisation_id)
        job = jobs.select_for_update().get(pk=get_job(actor, name).pk)
        if job.status not in UNFINISHED:
            raise InvalidRequest("", f"this job has {job.status} and cannot be cancelled")
        job.status, job.finished_at = JobStatus.CANCELLED, clock.now()
        job.save(update_fields=["status", "finished_at"])
        add_events(job, [TuningEvent(key="cancelled", message="The job was cancelled")])
        _order(job)  # so that the upstream ends it too
        audit.record(actor, "finetuning.cancel", job)
    return job


def _order(job: FinetuningJob) -> None:
    enqueue(KIND, organisation_id=job.organisation_id, subject=job.pk, max_attempts=MAX_ATTEMPTS)


def _new_job(
    actor: Actor,
    base: Target,
    training: StoredObject,
    validation: StoredObject | None,
    suffix: str,
) -> FinetuningJob:
    return FinetuningJob(
        organisation_id=actor.organisation_id,
        name=_name(actor, base, suffix),
        model=base.name,
        suffix=suffix,
        bucket_name=training.bucket.name,
        training_path=training.path,
        validation_path=validation.path if validation else "",
    )


def _name(actor: Actor, base: Target, suffix: str) -> str:
    """`ft:base:suffix:id`; without a suffix, the organisation's short name stands there."""
    whose = suffix or Organisation.objects.get(pk=actor.organisation_id).slug
    tail = f":{whose}:{ids.new_uuid().hex[-_ID_LENGTH:]}"
    return f"ft:{base.name}"[: NAME_LENGTH - len(tail)] + tail
