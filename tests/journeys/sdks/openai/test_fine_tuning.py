"""Fine-tuning jobs through both clients, on a file in a bucket."""

import json
import os
import time
import urllib.request
import uuid

import openai
import pytest
from conftest import BASE_URL


@pytest.fixture(scope="module")
def training_file():
    path = f"storage/buckets/openai-{uuid.uuid4().hex[:8]}/colours.jsonl"
    lines = [
        {
            "messages": [
                {"role": "user", "content": f"{word} {place}"},
                {"role": "assistant", "content": word},
            ]
        }
        for word in ("red", "blue")
        for place in range(10)
    ]
    sent = urllib.request.Request(
        f"{BASE_URL.replace('/openai/v1', '/telnyx/v2')}/{path}",
        "\n".join(map(json.dumps, lines)).encode(),
        {"authorization": f"Bearer {os.environ['COLLOQUY_KEY']}"},
        method="PUT",
    )
    urllib.request.urlopen(sent).close()
    return path.removeprefix("storage/buckets/")


def test_a_job_from_its_start_to_its_end(client, training_file):
    jobs = client.fine_tuning.jobs
    job = jobs.create(
        model="builtin/minilm",
        training_file=training_file,
        suffix="colours",
        method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}},
    )
    assert job.object == "fine_tuning.job" and job.hyperparameters.n_epochs == 2
    assert job.id in [one.id for one in jobs.list(limit=1)]
    deadline = time.monotonic() + 60
    while jobs.retrieve(job.id).finished_at is None:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    done = jobs.retrieve(job.id)
    assert done.status == "succeeded" and done.fine_tuned_model and done.trained_tokens
    whole = jobs.list_events(job.id).data
    assert [one.id for one in jobs.list_events(job.id, limit=1)] == [one.id for one in whole]
    assert jobs.checkpoints.list(job.id).data == []
    with pytest.raises(openai.BadRequestError):
        jobs.cancel(job.id)


def test_what_is_wrong_with_a_job(client):
    with pytest.raises(openai.NotFoundError):
        client.fine_tuning.jobs.retrieve("ft:nobody")
    with pytest.raises(openai.NotFoundError):
        client.fine_tuning.jobs.create(model="builtin/minilm", training_file="file-x")


async def test_the_async_client_starts_and_lists_jobs(training_file):
    async with openai.AsyncOpenAI(
        base_url=BASE_URL, api_key=os.environ["COLLOQUY_KEY"], max_retries=0
    ) as client:
        jobs = client.fine_tuning.jobs
        job = await jobs.create(model="builtin/minilm", training_file=training_file)
        assert job.id in [one.id async for one in jobs.list()]
        assert (await jobs.retrieve(job.id)).model == "builtin/minilm"
