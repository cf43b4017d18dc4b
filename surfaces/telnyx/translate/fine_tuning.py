"""Fine-tuning jobs: times are whole Unix seconds, and epochs always a number."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject
from wire.shapes import OBJECT, TEXT, WHOLE, array, nullable, record, said, word

if TYPE_CHECKING:
    from finetuning.models import FinetuningJob, JobEvent

AUTO: Final = "auto"
JOB: Final = record(
    "FineTuningJob",
    {
        "id": said(TEXT, "Also the name of the model that comes of it."),
        "created_at": said(WHOLE, "Unix seconds."),
        "finished_at": nullable(WHOLE),
        "hyperparameters": record("FineTuningHyperparameters", {"n_epochs": WHOLE}),
        "model": said(TEXT, "What is trained."),
        "organization_id": TEXT,
        "status": word("queued", "running", "succeeded", "failed", "cancelled"),
        "trained_tokens": nullable(WHOLE),
        "training_file": TEXT,
        "fine_tuned_model": nullable(TEXT),
        "validation_file": nullable(TEXT),
        "metrics": said(OBJECT, "Figures such as the last loss and held-out accuracy."),
        "error": nullable(record("FineTuningError", {"message": TEXT})),
    },
)
JOBS: Final = record("FineTuningJobs", {"data": array(JOB)})
EVENT: Final = record(
    "FineTuningJobEvent",
    {
        "object": word("fine_tuning.job.event"),
        "id": TEXT,
        "seq": said(WHOLE, "Counts the job's events from 1."),
        "created_at": WHOLE,
        "level": word("info", "warn", "error"),
        "message": TEXT,
        "data": said(OBJECT, "Figures such as epoch, loss and accuracy."),
    },
)
EVENTS: Final = record("FineTuningJobEvents", {"data": array(EVENT)})


def parse_epochs(hyperparameters: Mapping[str, Json] | None) -> int | None:
    """The number of epochs; None where it is left to us. How many may be, the service says."""
    path = "hyperparameters.n_epochs"
    epochs = (hyperparameters or {}).get("n_epochs")
    if epochs is None or epochs == AUTO:
        return None
    if not isinstance(epochs, int) or isinstance(epochs, bool):
        raise InvalidRequest(path, "must be a whole number or 'auto'")
    return epochs


def render_job(job: "FinetuningJob") -> JsonObject:
    return {
        "id": job.name,
        "created_at": _seconds(job.created_at),
        "finished_at": job.finished_at and _seconds(job.finished_at),
        "hyperparameters": {"n_epochs": job.epochs},
        "model": job.model,
        "organization_id": str(job.organisation_id),
        "status": str(job.status),
        "trained_tokens": job.trained_tokens,
        "training_file": job.training_file,
        "fine_tuned_model": job.tuned_model or None,
        "validation_file": job.validation_file or None,
        "metrics": job.metrics,
        "error": {"message": job.error} if job.error else None,
    }


def render_jobs(jobs: Iterable["FinetuningJob"]) -> JsonObject:
    return {"data": [render_job(job) for job in jobs]}


def render_events(events: Iterable["JobEvent"]) -> JsonObject:
    return {"data": [_render_event(event) for event in events]}


def _render_event(event: "JobEvent") -> JsonObject:
    return {
        "object": "fine_tuning.job.event",
        "id": str(event.id),
        "seq": event.seq,
        "created_at": _seconds(event.created_at),
        "level": event.level,
        "message": event.message,
        "data": event.data,
    }


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
