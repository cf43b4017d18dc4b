"""Settings of the processes that tests start: the project's, with the tests' one kind of job."""

from config.settings import *  # noqa: F403

JOBS = {"test.receipts": "tests.jobs.receipts.Receipts"}
PERIODIC: dict[str, tuple[float, str]] = {}
