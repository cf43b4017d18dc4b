"""The doorbell: tells a runner that work has come."""

import uuid


def ring(job_id: uuid.UUID) -> None: ...
