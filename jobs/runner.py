"""The runner: a thread with an event loop of its own, which keeps hundreds of jobs in flight.

The same runner works inside the web process when there is no broker, and inside a worker when there
is one. It looks at the table by itself; a ring of the doorbell only makes it look sooner.
"""

import asyncio
import logging
import threading
from collections.abc import Callable

from common import ids
from jobs import doorbell
from jobs.shift import Shift

logger = logging.getLogger(__name__)
GRACE = 20.0  # seconds that jobs get to end when the runner is stopped


class Runner:
    """`poll` is the seconds between two looks at the table when nobody rings."""

    def __init__(self, *, poll: float) -> None:
        self.id = ids.new_uuid()
        self._poll = poll
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs-runner", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._begun.wait()
        doorbell.listen(self.wake)

    def stop(self, grace: float = GRACE) -> None:
        """Claim nothing more, give jobs `grace` seconds to end, hand the others back."""
        doorbell.unlisten(self.wake)
        self._call(self._shift.end, grace)
        self._thread.join()

    def wake(self) -> None:
        """Look for due jobs now. From any thread."""
        self._call(self._shift.wake)

    def _call[*P](self, fn: Callable[[*P], object], *args: *P) -> None:
        try:
            self._loop.call_soon_threadsafe(fn, *args)
        except RuntimeError:
            logger.debug("the runner has ended")

    def _run(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._shift = Shift(self.id, self._poll)
        self._begun.set()
        await self._shift.work()
