"""A bucket of mixed files becomes knowledge: embedded with one file that cannot be, searched, asked
in a chat, and summarized. Files travel at their full size."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.library import BROKEN, HEARD, QUESTIONS, RECORDING, make_library
from tests.journeys.live import deployment
from tests.journeys.stores import broker, postgres

pytestmark = pytest.mark.journey
PATIENCE = 180.0
"""Seconds; a machine with nothing else to do takes about seven."""


class Reader:
    """Somebody with files and questions."""

    def __init__(self, url: str, key: str) -> None:
        self.http = httpx.Client(
            base_url=f"{url}/telnyx/v2", headers={"authorization": f"Bearer {key}"}, timeout=60
        )

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def put(self, bucket: str, files: Mapping[str, bytes]) -> None:
        for path, content in files.items():
            answer = self.http.put(f"/storage/buckets/{bucket}/{path}", content=content)
            assert answer.status_code == 200, answer.text

    def ask(self, path: str, **body: Any) -> Any:
        answer = self.http.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def embed(self, bucket: str) -> list[dict[str, Any]]:
        """All states of the task that were seen, until it ended."""
        task = self.ask("/ai/embeddings", bucket_name=bucket)["data"]["task_id"]
        seen: list[dict[str, Any]] = []
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            seen.append(self.http.get(f"/ai/embeddings/{task}").json()["data"])
            if seen[-1]["finished_at"]:
                return seen
            time.sleep(0.05)
        raise AssertionError(f"not done within {PATIENCE} s: {seen[-1]}")

    def files(self, bucket: str) -> dict[str, Any]:
        rows = self.http.get(f"/ai/embeddings/buckets/{bucket}").json()["data"]
        return {row["filename"]: row for row in rows}

    def search(self, bucket: str, question: str) -> list[tuple[str, str]]:
        """The places and texts found, the best first."""
        found = self.ask("/ai/embeddings/similarity-search", bucket_name=bucket, query=question)
        return [(row["metadata"]["filename"], row["document_chunk"]) for row in found["data"]]

    def chat(self, bucket: str, question: str) -> str:
        said: str = self.ask(
            "/ai/chat/completions",
            model="builtin/extractive",
            messages=[{"role": "user", "content": question}],
            tools=[{"type": "retrieval", "retrieval": {"bucket_ids": [bucket]}}],
        )["choices"][0]["message"]["content"]
        return said

    def summarize(self, bucket: str, path: str) -> str:
        said: str = self.ask("/ai/summarize", bucket=bucket, filename=path)["data"]["summary"]
        return said


def test_fifty_megabytes_of_mixed_files_become_knowledge(
    credentials: Mapping[str, str], tmp_path: Path
):
    with Reader(credentials["COLLOQUY_URL"], credentials["COLLOQUY_KEY"]) as reader:
        become_knowledge(reader, make_library(tmp_path, megabytes=50))


def test_workers_of_their_own_do_the_same(tmp_path: Path):
    with postgres("colloquy_journey_knowledge") as database:
        place = deployment(tmp_path, **database, **broker("rabbitmq"))
        place.manage("migrate", "--verbosity", "0")
        place.manage("create_organisation", "journey")
        key = place.manage("create_api_key", "journey")
        with place.serving("worker", "scheduler"), Reader(place.url, key) as reader:
            become_knowledge(reader, make_library(tmp_path, megabytes=5))


def become_knowledge(reader: Reader, files: Mapping[str, bytes]) -> None:
    reader.put("library", files)
    seen = reader.embed("library")
    last = seen[-1]
    assert last["status"] == "partial_success", last
    assert (last["total"], last["done"], last["failed"]) == (len(files), len(files) - 1, 1)
    assert BROKEN in last["error"] and "not a readable PDF" in last["error"]
    done = [state["done"] for state in seen]
    assert done == sorted(done) and len(set(done)) > 2, "progress is seen"
    states = reader.files("library")
    assert states.keys() == files.keys()
    assert "not a readable PDF" in states.pop(BROKEN)["error_reason"]
    assert {state["status"] for state in states.values()} == {"embedded"}
    for question in QUESTIONS:
        path, text = reader.search("library", question.text)[0]
        assert (path, question.answer in text) == (question.path, True), (question, text)
    assert QUESTIONS[0].answer in reader.chat("library", QUESTIONS[0].text)
    assert QUESTIONS[0].answer in reader.summarize("library", QUESTIONS[0].path)
    if RECORDING in files:
        found = dict(reader.search("library", HEARD.text))
        assert any(
            path.startswith("calls/") and HEARD.answer in said for path, said in found.items()
        )
        assert HEARD.answer in reader.summarize("library", RECORDING)
