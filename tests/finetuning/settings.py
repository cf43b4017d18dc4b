"""Settings of the workers that a test starts and kills."""

from config.settings import *  # noqa: F403

JOBS = {"finetuning.drive": "finetuning.driving.Drive"}
PERIODIC: dict[str, tuple[float, str]] = {}
