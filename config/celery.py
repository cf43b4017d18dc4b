"""Celery, which carries the doorbell and nothing else: jobs are rows, and `jobs.runner` does them.

    celery -A config worker --without-gossip --without-mingle
    celery -A config beat

All its settings are the `CELERY_` ones of `config.settings`.
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from celery import Celery, bootsteps  # noqa: E402
from celery.worker import WorkController  # noqa: E402

from jobs import doorbell  # noqa: E402
from jobs.runner import Runner  # noqa: E402

POLL = 5.0  # seconds; rings that are lost cost no more than this

app = Celery("colloquy")
app.config_from_object("django.conf:settings", namespace="CELERY")


@app.task(name="jobs.ring")
def ring(job_id: str) -> None:
    """Somebody has work. The id is for the broker's logs: the runner looks for any due job."""
    doorbell.wake()


@app.task(name="jobs.sweep")
def sweep() -> None:
    """The scheduler's ring, so that a lost one costs a second and not the wait for the poll."""
    doorbell.wake()


class RunnerStep(bootsteps.StartStopStep):
    """Starts the runner with the worker, whether or not the broker answers, and stops it too."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, parent: WorkController, **options: object) -> None:
        self._runner = Runner(poll=POLL)

    def start(self, parent: WorkController) -> None:
        self._runner.start()

    def stop(self, parent: WorkController) -> None:
        self._runner.stop()


app.steps["worker"].add(RunnerStep)
