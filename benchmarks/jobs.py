"""`python -m benchmarks.jobs`: jobs a second of one runner, 300 in flight, each waiting 200 ms.

The job does nothing but wait, so this is what the engine itself costs: claim, lease, close.
"""

import asyncio
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence

import django
from django.conf import settings

from benchmarks.store import store
from jobs.handlers import Claim, Outcome

NUMBER = int(os.environ.get("BENCH_JOBS", "6000"))
WAIT = 0.2  # seconds
DATABASES = ("postgresql", "sqlite")


class Waits:
    """Stands for a call of an upstream that answers after `WAIT` seconds."""

    limit = 300

    def load(self, claims: Sequence[Claim]) -> Mapping[uuid.UUID, None]:
        return {claim.id: None for claim in claims}

    async def perform(self, work: None) -> Outcome[None]:
        await asyncio.sleep(WAIT)
        return Outcome(result=None)

    def commit(self, outcomes: Sequence[tuple[Claim, Outcome[None]]]) -> None: ...

    def bury(self, claims: Sequence[tuple[Claim, str]]) -> None: ...


def main() -> None:
    if sys.argv[1:] == ["measure"]:
        measure()
        return
    for database in DATABASES:
        print(f"{database:12}", end="", flush=True)
        environment = {**os.environ, "BENCH_DATABASE": database}
        subprocess.run([sys.executable, "-m", "benchmarks.jobs", "measure"], env=environment)


def measure() -> None:
    with store() as environment:
        os.environ.update(environment, DJANGO_SETTINGS_MODULE="config.settings")
        django.setup()
        settings.JOBS = {"bench.wait": "benchmarks.jobs.Waits"}
        settings.PERIODIC = {}
        seconds, spent = _run()
    rate = NUMBER / seconds
    print(f"{rate:7.0f} jobs/s   {1000 * spent / NUMBER:5.2f} ms CPU a job in this process")


def _run() -> tuple[float, float]:
    """Seconds by the clock and of CPU from the start of a runner until the last job is done."""
    # Not before `django.setup`: these have models.
    from django.db import connections

    from jobs.models import Job as Row
    from jobs.models import JobState
    from jobs.runner import Runner
    from jobs.services import Job, enqueue_many

    enqueue_many([Job(kind="bench.wait", organisation_id=None) for _ in range(NUMBER)])
    runner = Runner(poll=5.0)
    began, cpu = time.perf_counter(), time.process_time()
    runner.start()
    while Row.objects.exclude(state=JobState.DONE).exists():
        time.sleep(0.05)
    seconds, spent = time.perf_counter() - began, time.process_time() - cpu
    runner.stop()
    connections.close_all()
    return seconds, spent


if __name__ == "__main__":
    main()
