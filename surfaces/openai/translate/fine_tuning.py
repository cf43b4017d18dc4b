"""Fine-tuning jobs. A training file is an object's id (`file-…`) or `bucket/path`.

https://platform.openai.com/docs/api-reference/fine-tuning

`seed` and `metadata` are taken and not kept.
"""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Final

from surfaces.openai.translate.pages import page_of
from vocabulary.errors import InvalidRequest
from vocabulary.json import JsonObject
from wire import fields
from wire.shapes import OBJECT, TEXT, WHOLE, array, either, nullable, record, said, word

if TYPE_CHECKING:
    from finetuning.models import FinetuningJob, JobEvent

AUTO: Final = "auto"
FILE: Final = "file-"
_SUPERVISED: Final = "supervised"
_HYPERPARAMETERS: Final = record(
    "Hyperparameters",
    {
        "n_epochs": WHOLE,
        "batch_size": either(WHOLE, word(AUTO)),
        "learning_rate_multiplier": either(WHOLE, word(AUTO)),
    },
)
JOB: Final = record(
    "FineTuningJob",
    {
        "id": said(TEXT, "Also the name of the model that comes of it."),
        "object": word("fine_tuning.job"),
        "created_at": said(WHOLE, "Unix seconds."),
        "finished_at": nullable(WHOLE),
        "model": TEXT,
        "fine_tuned_model": nullable(TEXT),
        "organization_id": TEXT,
        "status": word("queued", "running", "succeeded", "failed", "cancelled"),
        "hyperparameters": _HYPERPARAMETERS,
        "method": record(
            "Method",
            {
                "type": word(_SUPERVISED),
                "supervised": record("Supervised", {"hyperparameters": _HYPERPARAMETERS}),
            },
        ),
        "training_file": TEXT,
        "validation_file": nullable(TEXT),
        "result_files": array(TEXT),
        "trained_tokens": nullable(WHOLE),
        "seed": said(WHOLE, "Always 0: seeds are not kept."),
        "error": nullable(
            record("JobError", {"code": TEXT, "message": TEXT, "param": nullable(TEXT)})
        ),
    },
)
JOBS: Final = page_of("FineTuningJobs", JOB)
EVENT: Final = record(
    "FineTuningJobEvent",
    {
        "id": TEXT,
        "object": word("fine_tuning.job.event"),
        "created_at": WHOLE,
        "level": word("info", "warn", "error"),
        "message": TEXT,
        "type": word("message", "metrics"),
        "data": OBJECT,
    },
)
EVENTS: Final = page_of("FineTuningJobEvents", EVENT)
CHECKPOINTS: Final = page_of("FineTuningJobCheckpoints", record("FineTuningJobCheckpoint", {}))


# -- what is asked ------------------------------------------------------------------------------
def parse_epochs(body: JsonObject) -> int | None:
    """The number of epochs, from `method` or the older `hyperparameters`; None where it is left to
    us. Raises `InvalidRequest`, for other methods than supervised training too."""
    told, at = fields.find_object(body, "hyperparameters", "") or {}, "hyperparameters"
    if method := fields.find_object(body, "method", ""):
        if fields.get_text(method, "type", "method") != _SUPERVISED:
            raise InvalidRequest("method.type", f"only '{_SUPERVISED}' training is done here")
        supervised = fields.find_object(method, _SUPERVISED, "method") or {}
        own = fields.find_object(supervised, "hyperparameters", "method.supervised")
        if own:
            told, at = own, "method.supervised.hyperparameters"
    epochs = told.get("n_epochs")
    if epochs is None or epochs == AUTO:
        return None
    return fields.as_whole(epochs, fields.place(at, "n_epochs"))


def parse_file(name: str) -> str:
    """What the file is called inside: `file-` stands before the id of an object."""
    return name.removeprefix(FILE) if _is_id(name.removeprefix(FILE)) else name


# -- what is told -------------------------------------------------------------------------------
def render_job(job: "FinetuningJob") -> JsonObject:
    told: JsonObject = {
        "n_epochs": job.epochs, "batch_size": AUTO, "learning_rate_multiplier": AUTO
    }  # fmt: skip
    return {
        "id": job.name,
        "object": "fine_tuning.job",
        "created_at": _seconds(job.created_at),
        "finished_at": _seconds(job.finished_at) if job.finished_at else None,
        "model": job.model,
        "fine_tuned_model": job.tuned_model or None,
        "organization_id": str(job.organisation_id),
        "status": str(job.status),
        "hyperparameters": told,
        "method": {"type": _SUPERVISED, "supervised": {"hyperparameters": told}},
        "training_file": _render_file(job.training_file),
        "validation_file": _render_file(job.validation_file) or None,
        "result_files": [],
        "trained_tokens": job.trained_tokens,
        "seed": 0,
        "error": {"code": "failed", "message": job.error, "param": None} if job.error else None,
    }


def render_event(event: "JobEvent") -> JsonObject:
    return {
        "id": str(event.id),
        "object": "fine_tuning.job.event",
        "created_at": _seconds(event.created_at),
        "level": event.level,
        "message": event.message,
        "type": "metrics" if event.data else "message",
        "data": event.data,
    }


def _render_file(name: str) -> str:
    return f"{FILE}{uuid.UUID(name).hex}" if _is_id(name) else name


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
