"""Processes are killed without warning while insights run: nothing is lost, nothing comes twice."""

import contextlib
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.provider import FakeProvider
from tests.journeys.live import Deployment, deployment, stop
from tests.journeys.stores import broker, postgres

pytestmark = [pytest.mark.journey, pytest.mark.chaos]
CONVERSATIONS = 200
CALLERS = 6
PATIENCE = 90.0
FAST_LEASES = {"JOB_LEASE_SECONDS": "3", "WEBHOOK_SCHEDULE_SCALE": "0.001"}


class Crowd:
    """The processes of a deployment, each of which is killed and started again at random."""

    def __init__(self, place: Deployment, commands: Sequence[str], seed: int) -> None:
        self.place = place
        self.chance = random.Random(seed)
        self.running = [(command, place.start(command)) for command in commands]

    def kill_one(self) -> None:
        index = self.chance.randrange(len(self.running))
        command, process = self.running[index]
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        self.running[index] = (command, self.place.start(command))

    def stop(self) -> None:
        for _, process in self.running:
            stop(process)


class Caller:
    """Talks to a server that may be dead at any moment, and remembers what it was promised."""

    def __init__(self, place: Deployment, key: str) -> None:
        self.client = httpx.Client(
            base_url=f"{place.url}/telnyx/v2",
            headers={"authorization": f"Bearer {key}"},
            timeout=10,
        )
        self.accepted: list[str] = []

    def close(self) -> None:
        self.client.close()

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """One request, sent again until somebody answers it."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(httpx.TransportError):
                answer = self.client.request(method, path, **options)
                if answer.status_code < 500:
                    assert answer.status_code == 200, answer.text
                    return answer.json() if answer.content else None
            time.sleep(0.1)
        raise TimeoutError(path)

    def hold(self, number: int) -> None:
        """One conversation, from its beginning to its end."""

        def once(step: str) -> dict[str, str]:
            return {"Idempotency-Key": f"chaos-{number}-{step}"}

        made = self.ask("POST", "/ai/conversations", json={}, headers=once("create"))
        path = f"/ai/conversations/{made['id']}"
        message = {"role": "user", "content": f"My order is HH-{number:06d} and it is late."}
        self.ask("POST", f"{path}/message", json=message, headers=once("say"))
        self.ask("POST", f"{path}/end", json={})
        self.accepted.append(made["id"])

    def runs(self, conversation: str) -> list[dict[str, Any]]:
        path = f"/ai/conversations/{conversation}/conversations-insights"
        listed: list[dict[str, Any]] = self.ask("GET", path)["data"]
        return listed

    def events(self) -> Iterator[dict[str, Any]]:
        after = 0
        while page := self.ask("GET", "/events", params={"after": after, "limit": 100})["data"]:
            yield from page
            after = page[-1]["seq"]


@pytest.fixture
def upstream() -> Iterator[FakeProvider]:
    with FakeProvider() as provider:
        provider.manner.latency = 0.05
        yield provider


def prepare(place: Deployment, upstream: FakeProvider) -> str:
    """An organisation with one template that runs by default, asked of the fake upstream."""
    place.manage("migrate", "--verbosity", "0")
    place.manage("create_organisation", "chaos", "--insight-model", "fake/mock-1")
    place.manage(
        "create_provider",
        "chaos",
        *("--kind", "openai", "--name", "fake", "--models", "mock-1"),
        *("--api-key", "none", "--base-url", f"http://127.0.0.1:{upstream.port}/v1"),
    )
    place.manage("shell", "-v", "0", "-c", DEFAULT_GROUP)
    return place.manage("create_api_key", "chaos")


DEFAULT_GROUP = """
from insights.services import assign, create_group, create_template
from organisations.actor import system
from organisations.services import get_organisation
actor = system(get_organisation("chaos").pk)
group = create_group(actor, name="all", is_default=True)
schema = {"type": "object", "properties": {"order": {"type": ["string", "null"]}}}
template = create_template(actor, name="order", instructions="Which order?", json_schema=schema)
assign(actor, group.id, template.id)
"""


def storm(place: Deployment, upstream: FakeProvider, commands: Sequence[str], kills: int) -> None:
    key = prepare(place, upstream)
    with closing(Caller(place, key)) as caller:
        brave(caller, place, upstream, commands, kills)


def brave(
    caller: Caller,
    place: Deployment,
    upstream: FakeProvider,
    commands: Sequence[str],
    kills: int,
) -> None:
    """Hold all conversations while processes die, then look at what came of them."""
    crowd = Crowd(place, commands, seed=kills)
    pause = threading.Semaphore(CALLERS)

    def hold(number: int) -> None:
        with pause:
            caller.hold(number)
            time.sleep(kills * 1.2 * CALLERS / CONVERSATIONS)

    try:
        with ThreadPoolExecutor(CALLERS) as callers:
            held = [callers.submit(hold, number) for number in range(CONVERSATIONS)]
            for _ in range(kills):
                time.sleep(1.2)
                crowd.kill_one()
            for conversation in held:
                conversation.result(timeout=PATIENCE)
        check(caller, upstream)
    finally:
        crowd.stop()


def check(caller: Caller, upstream: FakeProvider) -> None:
    """Every accepted end has one run with one result, announced once."""
    assert len(caller.accepted) == len(set(caller.accepted)) == CONVERSATIONS
    wait_until(lambda: all(is_finished(caller.runs(one)) for one in caller.accepted))
    for conversation in caller.accepted:
        runs = caller.runs(conversation)
        assert [run["status"] for run in runs] == ["completed"], runs
        assert len(runs[0]["conversation_insights"]) == 1
    announced = Counter(
        event["payload"]["conversation_id"]
        for event in caller.events()
        if event["event_type"].startswith("insight.")
    )
    assert announced == Counter(caller.accepted)
    assert upstream.count <= 1.25 * CONVERSATIONS


def is_finished(runs: list[dict[str, Any]]) -> bool:
    return bool(runs) and all(run["status"] in {"completed", "failed"} for run in runs)


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, "not finished in time"
        time.sleep(0.5)


def test_the_web_process_is_killed_on_the_embedded_default(tmp_path: Path, upstream: FakeProvider):
    storm(deployment(tmp_path, **FAST_LEASES), upstream, ["serve"], kills=10)


def test_web_and_workers_are_killed_thirty_times(tmp_path: Path, upstream: FakeProvider):
    chosen = broker("rabbitmq")
    with postgres("colloquy_chaos") as database:
        place = deployment(tmp_path, **database, **chosen, **FAST_LEASES)
        storm(place, upstream, ["serve", "worker", "worker", "scheduler"], kills=30)


def test_sigterm_stops_the_server_cleanly(tmp_path: Path):
    place = deployment(tmp_path)
    with place.serving() as process:
        assert httpx.get(f"{place.url}/healthz").status_code == 200
        os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        assert process.returncode == 0
