"""Fine-tuning at an upstream of the OpenAI format: never begun twice, followed to its end."""

import asyncio
from collections.abc import Iterator

import pytest

from files.services import put_bytes
from finetuning.models import FinetuningJob
from finetuning.queries import find_events
from finetuning.services import cancel_job, create_job
from jobs.testing import drain
from organisations.actor import Actor
from providers.models import Power, Provider, TunedModel
from providers.openai.adapter import OpenAI
from providers.protocols import FinetuningProvider
from providers.queries import find_models
from providers.routing import resolve
from providers.services import create_provider, delete_provider
from tests.fakes.training import FakeTrainer
from wire.training_files import write_example

pytestmark = pytest.mark.django_db(transaction=True)
SAID = b"".join(write_example([("user", f"Q{i}"), ("assistant", f"A{i}")]) for i in range(12))


@pytest.fixture
def trainer(settings) -> Iterator[FakeTrainer]:
    settings.ALLOW_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    with FakeTrainer() as trainer:
        yield trainer


@pytest.fixture
def account(actor, trainer) -> Provider:
    put_bytes(actor, "training", "chat.jsonl", SAID)
    return create_provider(
        actor, kind="openai", name="up", base_url=trainer.base_url, models=["mock-1"]
    )


def start(actor: Actor, **more) -> FinetuningJob:
    return create_job(actor, model="up/mock-1", training_file="training/chat.jsonl", **more)


def run(limit: int = 40) -> None:
    drain(limit, ahead=True)


def test_the_adapter_trains():
    assert isinstance(OpenAI(), FinetuningProvider)


def test_a_job_is_followed_to_a_model_under_its_own_name(actor, account, trainer):
    job = start(actor, suffix="mine", epochs=4)
    trainer.tell(1, train_loss=1.5, step=1)
    trainer.tell(2, train_loss=0.5, step=2)
    trainer.tell(3)
    run()
    job.refresh_from_db()
    assert (job.status, job.error, job.trained_tokens) == ("succeeded", "", 4_200)
    [sent] = trainer.jobs.values()
    assert sent["hyperparameters"] == {"n_epochs": 4}
    assert (sent["model"], sent["suffix"], sent["training_file"]) == ("mock-1", "mine", "file-1")
    assert str(job.pk) in trainer.files["file-1"]["filename"]
    told = [e for e in find_events(actor, job.name) if e.message.startswith("Step")]
    assert [e.message for e in told] == ["Step 1", "Step 2", "Step 3"]
    assert told[0].data == {"loss": 1.5, "step": 1}
    target = asyncio.run(resolve(actor, job.name, Power.CHAT))
    assert (target.model, target.name) == ("ft:mock-1:acme::abc", job.name)
    [model] = [m for m in find_models(actor) if m.id == job.name]
    assert model.base_model == "up/mock-1"


def test_a_crash_after_the_upstream_began_begins_no_second_job(actor, account, trainer):
    trainer.break_after = True
    job = start(actor)
    for _ in range(5):
        trainer.files[f"other-{_}"] = {"id": f"other-{_}", "filename": "other.jsonl"}
    run()
    job.refresh_from_db()
    assert job.status == "succeeded"
    assert len(trainer.jobs) == 1
    assert len([f for f in trainer.files.values() if f["filename"] != "other.jsonl"]) == 1


def test_a_cancelled_job_is_cancelled_at_the_upstream(actor, account, trainer):
    trainer.statuses = ("running",)
    job = start(actor)
    run(4)
    assert len(trainer.jobs) == 1
    cancel_job(actor, job.name)
    run()
    job.refresh_from_db()
    assert (job.status, job.tuned_model) == ("cancelled", "")
    assert trainer.jobs["ftjob-1"]["cancelled"]


def test_a_job_that_began_unheard_is_cancelled_at_the_upstream(actor, account, trainer):
    trainer.statuses, trainer.break_after = ("running",), True
    job = start(actor)
    run(2)
    cancel_job(actor, job.name)
    run()
    assert trainer.jobs["ftjob-1"]["cancelled"]
    assert len(trainer.jobs) == 1


def test_one_that_ended_meanwhile_stays_cancelled_here(actor, account, trainer):
    trainer.statuses = ("running", "succeeded")
    job = start(actor)
    run(2)
    cancel_job(actor, job.name)
    run()
    job.refresh_from_db()
    assert job.status == "cancelled"
    assert not TunedModel.unscoped.exists()


@pytest.mark.parametrize("failed", ["failed", "error"])
def test_a_failure_says_why(actor, account, trainer, failed):
    trainer.statuses = ("running", failed)
    job = start(actor)
    run()
    job.refresh_from_db()
    assert (job.status, job.error) == ("failed", "the file is too short")


def test_a_file_that_is_not_ready_is_waited_for(actor, account, trainer):
    trainer.file_status = "pending"
    job = start(actor)
    run(5)
    assert not trainer.jobs and len(trainer.files) == 1
    trainer.files["file-1"]["status"] = "processed"
    run()
    job.refresh_from_db()
    assert job.status == "succeeded"


def test_a_file_that_the_upstream_refuses_fails_the_job(actor, account, trainer):
    trainer.file_status = "error"
    job = start(actor)
    run()
    job.refresh_from_db()
    assert (job.status, job.error) == ("failed", "the upstream cannot use this file")


def test_azure_has_its_own_addresses_and_words(actor, account, trainer):
    trainer.statuses, trainer.created = ("notRunning", "running", "succeeded"), 201
    account.base_url, account.options = trainer.url, {"api_version": "2024-10-21"}
    account.save()
    job = start(actor)
    run()
    job.refresh_from_db()
    assert job.status == "succeeded"
    assert {call.path.partition("?")[0].split("/")[1] for call in trainer.calls} == {"openai"}
    assert all("api-version=2024-10-21" in call.path for call in trainer.calls)


def test_together_has_its_own_addresses_and_words(actor, account, trainer):
    trainer.statuses, trainer.model_field = ("pending", "running", "completed"), "output_name"
    account.options = {"finetuning": "together"}
    account.save()
    job = start(actor)
    run()
    job.refresh_from_db()
    assert job.status == "succeeded"
    [sent] = trainer.jobs.values()
    assert sent["n_epochs"] == 3 and "hyperparameters" not in sent
    assert TunedModel.unscoped.get().upstream_id == "ft:mock-1:acme::abc"


def test_an_account_that_is_gone_fails_the_job(actor, account, trainer):
    job = start(actor)
    delete_provider(actor, account.pk)
    run()
    job.refresh_from_db()
    assert job.status == "failed" and "up/mock-1" in job.error


def test_an_upstream_that_cannot_be_reached_is_asked_again(actor, account, trainer):
    trainer.statuses = ("running",)
    job = start(actor)
    run(3)
    address = account.base_url
    Provider.unscoped.filter(pk=account.pk).update(base_url="http://127.0.0.1:1/v1")
    run(3)
    job.refresh_from_db()
    assert job.status == "running"
    Provider.unscoped.filter(pk=account.pk).update(base_url=address)
    trainer.statuses = ("succeeded",)
    run()
    job.refresh_from_db()
    assert job.status == "succeeded"
