"""The main job on PostgreSQL with workers and a scheduler of their own, on each broker."""

from pathlib import Path

import pytest

from tests.journeys.conftest import told
from tests.journeys.environments import python_with
from tests.journeys.live import ROOT, Receiver, deployment
from tests.journeys.stores import broker, postgres
from tests.journeys.test_sdks import judge

pytestmark = pytest.mark.journey


# Brokers differ in how they ring, which one journey shows; all the others are made by one of them.
@pytest.mark.parametrize(("name", "tests"), [("redis", "test_main_job.py"), ("rabbitmq", "")])
def test_the_main_job_runs_with_workers_of_their_own(
    name: str, tests: str, tmp_path: Path, receiver: Receiver
):
    chosen = broker(name)
    with postgres(f"colloquy_journey_{name}") as database:
        place = deployment(tmp_path, **database, **chosen)
        place.manage("migrate", "--verbosity", "0")
        with place.serving("worker", "scheduler"):
            python = python_with("telnyx-4.189.0", "telnyx[webhooks]==4.189.0")
            judge(python, ROOT / "tests/journeys/sdks/telnyx", told(place, receiver), tests)
