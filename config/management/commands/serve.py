"""`manage.py serve`: what `make run` starts. Makes all that is missing, then serves."""

import signal
import sys
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from config.heads import PatientProtocol
from demo.seed import seed_demo

GRACE_SECONDS = 10


class Command(BaseCommand):
    help = "Migrate, make the demo organisation on the first start, and serve until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        # The server stops in order and then sends itself the signal again: an end, not a failure.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        self.check(databases=["default"])
        call_command("migrate", verbosity=0)
        if settings.SEED_DEMO:
            self._welcome()
        self.stdout.write(f"Serving on {self._address()}")
        uvicorn.run(
            "config.asgi:application",
            host=settings.HOST,
            port=settings.PORT,
            log_level="warning",
            http=PatientProtocol,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )

    def _welcome(self) -> None:
        """Show the demo's credentials; only the start that makes them can."""
        demo = seed_demo()
        if demo is None:
            return
        self.stdout.write(f"Admin    {self._address()}/admin/")
        self.stdout.write(f"Login    {demo.email}  {demo.password.reveal()}")
        self.stdout.write(f"API key  {demo.api_key.reveal()}")
        self.stdout.write("These are shown only this once.\n")

    def _address(self) -> str:
        return f"http://{settings.HOST}:{settings.PORT}"
