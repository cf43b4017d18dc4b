"""A fine-tuning as a caller sees it, from the file to the answer."""

import json
from urllib.parse import quote

import pytest
from django.test import Client

from jobs.testing import drain
from organisations.services import create_api_key

pytestmark = pytest.mark.django_db(transaction=True)
JOBS = "/telnyx/v2/ai/fine_tuning/jobs"


@pytest.fixture
def ask(actor):
    """Sends a request and gives the status and the body of its answer."""
    _, token = create_api_key(actor)
    client, headers = Client(), {"authorization": f"Bearer {token.reveal()}"}

    def send(method: str, path: str, body: object = None):
        content = json.dumps(body) if body is not None else ""
        answer = client.generic(method, path, content, "application/json", headers=headers)
        return answer.status_code, answer.json()

    return send


def test_a_model_is_trained_and_listed(ask, actor, topics):
    body = {
        "model": "builtin/minilm",
        "training_file": topics,
        "suffix": "topics",
        "hyperparameters": {"n_epochs": "auto"},
    }
    status, job = ask("POST", JOBS, body)
    assert (status, job["status"], job["hyperparameters"]) == (200, "queued", {"n_epochs": 3})
    drain()
    address = f"{JOBS}/{quote(job['id'], safe='')}"
    _, job = ask("GET", address)
    assert (job["status"], job["fine_tuned_model"]) == ("succeeded", job["id"])
    assert {type(job[name]) for name in ("created_at", "finished_at", "trained_tokens")} == {int}
    _, events = ask("GET", f"{address}/events?limit=2&after=1")
    assert [event["seq"] for event in events["data"]] == [2, 3]
    assert ask("POST", f"{address}/cancel")[0] == 400
    _, models = ask("GET", "/telnyx/v2/ai/models")
    listed = {model["id"]: model for model in models["data"]}
    assert listed["builtin/minilm"]["is_fine_tunable"]
    tuned = listed[job["id"]]
    assert tuned["owned_by"] == tuned["organization"] == str(actor.organisation_id)
    assert tuned["base_model"] == "builtin/minilm"
    assert (tuned["task"], type(tuned["created"])) == ("text-generation", int)


def test_a_bad_line_is_told_with_its_place(ask, actor):
    from files.services import put_bytes

    put_bytes(actor, "training", "bad.jsonl", b'{"messages": []}\n')
    body = {"model": "builtin/minilm", "training_file": "training/bad.jsonl"}
    status, answer = ask("POST", JOBS, body)
    assert status == 422
    assert answer["errors"][0]["detail"] == "line 1: must have 2 to 1000 messages"
    assert answer["errors"][0]["source"] == {"pointer": "/training_file"}


def test_a_job_is_cancelled_once(ask, actor, topics):
    _, job = ask("POST", JOBS, {"model": "builtin/minilm", "training_file": topics})
    assert ask("POST", f"{JOBS}/{job['id']}/cancel")[1]["status"] == "cancelled"
    assert ask("POST", f"{JOBS}/{job['id']}/cancel")[0] == 400
