"""Starting real processes on the test's database."""

import os
import subprocess
import sys
from urllib.parse import quote

from django.conf import settings
from django.db import connection

RUNNER = (sys.executable, "-m", "tests.jobs.process")
WORKER = (sys.executable, "-m", "celery", "-A", "config", "worker")
WORKER_OPTIONS = ("--without-gossip", "--without-mingle", "--loglevel=WARNING")


def start(command: tuple[str, ...], **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.jobs.process_settings",
            "DATABASE_URL": database_url(),
            "DATA_DIR": str(settings.DATA_DIR),
            "JOB_LEASE_SECONDS": "2",
            **environment,
        },
        cwd=settings.ROOT,
    )


def database_url() -> str:
    """The address of the database that the test uses, for another process."""
    held = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{held['NAME']}"
    login = f"{quote(held['USER'])}:{quote(held['PASSWORD'])}"
    return f"postgres://{login}@{held['HOST']}:{held['PORT'] or 5432}/{held['NAME']}"
