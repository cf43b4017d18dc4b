"""A worker that is killed in the middle of a training: another ends it, and there is one model."""

import time
import uuid

import pytest

from files.services import put_bytes
from finetuning.models import FinetuningJob, JobEvent
from finetuning.services import create_job
from jobs.models import Job, JobState
from providers.models import TunedModel
from tests.jobs import processes
from tests.jobs.waiting import until
from wire.training_files import write_example

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chaos]
ROWS = 60
"""Long enough to train that the kill comes in between."""


def start():
    return processes.start(processes.RUNNER, DJANGO_SETTINGS_MODULE="tests.finetuning.settings")


def test_a_killed_worker_leaves_one_model_and_no_event_twice(actor):
    texts = [f"My {('invoice', 'parcel')[i % 2]} number {i} is wrong, " * 8 for i in range(ROWS)]
    said = zip(texts, ["billing", "delivery"] * (ROWS // 2), strict=True)
    lines = [write_example([("user", text), ("assistant", label)]) for text, label in said]
    put_bytes(actor, "training", "long.jsonl", b"".join(lines))
    job = create_job(actor, model="builtin/minilm", training_file="training/long.jsonl")
    worker, fallen = start(), set[uuid.UUID | None]()
    try:
        for _ in range(2):
            until(lambda: _is_training(job, fallen), seconds=30)
            time.sleep(0.3)
            worker.kill()
            worker.wait()
            assert not TunedModel.unscoped.exists()
            worker = start()
        until(lambda: _status(job) == "succeeded", seconds=90)
    finally:
        worker.terminate()
        worker.wait(timeout=30)
    assert TunedModel.unscoped.count() == 1
    keys = list(JobEvent.unscoped.order_by("seq").values_list("key", flat=True))
    assert len(keys) == len(set(keys))
    assert keys[-1] == "succeeded"


def _status(job: FinetuningJob) -> str:
    return FinetuningJob.unscoped.get(pk=job.pk).status


def _is_training(job: FinetuningJob, fallen: set[uuid.UUID | None]) -> bool:
    """Whether a worker that lives is past the step which only says that it has begun."""
    held = Job.objects.filter(subject=job.pk, state=JobState.RUNNING).first()
    if _status(job) != "running" or held is None or held.worker in fallen:
        return False
    fallen.add(held.worker)
    return True
