"""Fine-tuning jobs: what their files are called, and pages of them and of their events."""

from typing import Any

import pytest
from django.test import Client

from files.services import put_bytes
from finetuning.models import FinetuningJob, JobEvent
from tests.surfaces.world import World

JOBS = "/openai/v1/fine_tuning/jobs"
EXAMPLE = (
    b'{"messages": [{"role": "user", "content": "%s %d"},'
    b' {"role": "assistant", "content": "%s"}]}\n'
)
LINES = b"".join(EXAMPLE % (word, place, word) for word in (b"red", b"blue") for place in range(10))


@pytest.mark.django_db
def test_a_training_file_is_named_by_its_objects_id(django: Client, ours: World):
    stored = put_bytes(ours.actor, "training", "colours.jsonl", LINES)
    name = f"file-{stored.pk.hex}"
    body = {
        "model": "builtin/minilm",
        "training_file": name,
        "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}},
    }
    answer = django.post(JOBS, body, "application/json", headers=ours.bearer)
    assert answer.status_code == 200, answer.content
    job = answer.json()
    assert (job["training_file"], job["hyperparameters"]["n_epochs"]) == (name, 2)
    events = django.get(f"{JOBS}/{job['id']}/events", headers=ours.bearer).json()["data"]
    assert events[0]["object"] == "fine_tuning.job.event"


@pytest.mark.django_db
@pytest.mark.parametrize("limit", ["0", "101", "x", "1.5", "9" * 5000])
def test_a_pages_size_has_bounds(limit: str, django: Client, ours: World):
    answer = django.get(JOBS, {"limit": limit}, headers=ours.bearer)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "limit")


def _ids_by_pages(django: Client, path: str, world: World) -> list[str]:
    found: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = django.get(path, query, headers=world.bearer).json()
        found += [one["id"] for one in page["data"]]
        if not page["has_more"]:
            return found
        query["after"] = page["last_id"]


@pytest.mark.django_db
def test_pages_hold_everything_once_and_the_newest_first(django: Client, ours: World):
    job = FinetuningJob.unscoped.get(name=ours.ids["tuning"])
    owner = {"organisation_id": ours.actor.organisation_id}
    for place in range(4):
        JobEvent.objects.create(job=job, seq=place + 1, message=str(place), **owner)
        FinetuningJob.objects.create(name=f"ft:{place}", model="m", **owner)
    jobs = _ids_by_pages(django, JOBS, ours)
    assert jobs == ["ft:3", "ft:2", "ft:1", "ft:0", job.name]
    events = _ids_by_pages(django, f"{JOBS}/{job.name}/events", ours)
    assert events == [str(one.pk) for one in job.events.order_by("-seq")]


@pytest.mark.django_db
@pytest.mark.parametrize("after", ["x", "01990000-0000-7000-8000-000000000000"])
def test_an_unknown_event_is_not_found(after: str, django: Client, ours: World):
    path = f"{JOBS}/{ours.ids['tuning']}/events"
    assert django.get(path, {"after": after}, headers=ours.bearer).status_code == 404
