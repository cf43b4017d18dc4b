"""The runner inside the web process, for when there is no broker and no worker.

`start` and `stop` belong to the server's lifespan: threads begin after any fork, when serving.
"""

from jobs import doorbell
from jobs.runner import GRACE, Runner

POLL = 0.2  # seconds; rings from this process come at once, other processes' work within this

_running: list[Runner] = []


def start() -> None:
    """Start this process's runner, unless a broker says that workers do the jobs."""
    if not doorbell.has_broker() and not _running:
        runner = Runner(poll=POLL)
        runner.start()
        _running.append(runner)


def stop(grace: float = GRACE) -> None:
    """Stop it again, giving jobs `grace` seconds to end. Blocks for so long."""
    while _running:
        _running.pop().stop(grace)
