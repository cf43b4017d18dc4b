"""`manage.py scheduler`: what `make scheduler` starts, Celery's beat."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Ring each second, so that workers notice what nobody rang for."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.CELERY_BROKER_URL:
            raise CommandError("set CELERY_BROKER_URL; without a broker there is nothing to ring")
        os.execv(sys.executable, [sys.executable, "-m", "celery", "-A", "config", "beat"])
