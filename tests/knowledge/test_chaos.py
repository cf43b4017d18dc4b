"""A real process is killed in the middle of an embedding task: it goes on, and ends right."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from files import services as files
from knowledge.models import Chunk, Document, TaskStatus
from knowledge.queries import get_task
from knowledge.services import start_embedding
from organisations.actor import Actor, system
from organisations.models import Organisation
from providers.services import create_provider
from tests.fakes.provider import FakeProvider
from tests.jobs import processes
from tests.jobs.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chaos]

FILES, SENTENCES = 4, 300


@pytest.fixture
def storage(settings: Any, tmp_path: Path) -> str:
    options = {**settings.STORAGES["default"]["OPTIONS"], "location": str(tmp_path / "files")}
    default = {**settings.STORAGES["default"], "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    return json.dumps({"location": options["location"]})


@pytest.fixture
def actor(db: None, upstream: FakeProvider) -> Actor:
    actor = system(Organisation.objects.create(slug="acme", name="Acme").pk)
    create_provider(
        actor, kind="openai", name="up", base_url=upstream.base_url, models=["embed-small"]
    )
    return actor


class Worker:
    """A process that runs jobs, and can fall."""

    def __init__(self, storage: str) -> None:
        self._storage = storage
        self.start()

    def start(self) -> None:
        self._process = processes.start(
            processes.RUNNER,
            DJANGO_SETTINGS_MODULE="config.settings",
            FILE_STORAGE_OPTIONS=self._storage,
            ALLOW_PRIVATE_NETWORKS="127.0.0.0/8",
        )

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)


@pytest.fixture
def worker(actor: Actor, storage: str) -> Iterator[Worker]:
    worker = Worker(storage)
    yield worker
    worker.end()


def embedded() -> int:
    return Chunk.unscoped.exclude(vector=None).count()


def asked(upstream: FakeProvider, since: int = 0) -> list[str]:
    return [text for body in upstream.bodies[since:] for text in body["input"]]


def test_a_killed_worker_embeds_nothing_again_that_was_committed(
    actor: Actor, storage: str, upstream: FakeProvider, worker: Worker
):
    for number in range(FILES):
        text = " ".join(f"Sentence {place} of file {number}." for place in range(SENTENCES))
        files.put_bytes(actor, "docs", f"{number}.txt", text.encode())
    files.put_bytes(actor, "docs", "bad.pdf", b"%PDF-1.7 but no document")
    task = start_embedding(actor, "docs", model="embed-small", chunk_size=40, chunk_overlap=0)
    until(lambda: embedded() >= 150, seconds=30)
    worker.kill()
    assert get_task(actor, task.pk).status == TaskStatus.PROCESSING
    kept = set(Chunk.unscoped.exclude(vector=None).values_list("text", flat=True))
    calls = upstream.count
    worker.start()
    until(lambda: get_task(actor, task.pk).finished_at is not None, seconds=60)
    assert not kept & set(asked(upstream, calls))
    task = get_task(actor, task.pk)
    assert (task.status, task.total, task.done, task.failed) == (
        TaskStatus.PARTIAL_SUCCESS, FILES + 1, FILES, 1,
    )  # fmt: skip
    assert embedded() == Chunk.unscoped.count() == FILES * SENTENCES
    assert Document.unscoped.filter(status="embedded").count() == FILES
