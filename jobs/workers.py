"""Which processes run jobs, and when each was last heard of."""

import os
import socket
import uuid
from datetime import timedelta

from django.db.models.functions import Now

from jobs.models import Worker

FORGOTTEN_AFTER = timedelta(hours=1)


def sign_in(id: uuid.UUID) -> None:
    """Say that this process runs jobs, for the first time or again."""
    Worker.objects.bulk_create(
        [Worker(id=id, host=socket.gethostname(), pid=os.getpid(), seen_at=Now())],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["seen_at"],
    )


def sign_out(id: uuid.UUID) -> None:
    Worker.objects.filter(id=id).delete()


def forget_lost() -> None:
    Worker.objects.filter(seen_at__lt=Now() - FORGOTTEN_AFTER).delete()
