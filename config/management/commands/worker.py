"""`manage.py worker`: what `make worker` starts, a Celery worker with a job runner in it."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Do jobs until stopped, woken through the broker."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.CELERY_BROKER_URL:
            raise CommandError("set CELERY_BROKER_URL; without a broker the web process does jobs")
        celery = [sys.executable, "-m", "celery", "-A", "config", "worker"]
        os.execv(sys.executable, [*celery, "--without-gossip", "--without-mingle"])
