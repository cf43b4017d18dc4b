"""Where the builtin models compute: a few threads of their own, never the event loop.

numpy and the tokenizer let go of the interpreter while they work, so threads will do; each runs one
batch on one core. Work that would wait behind too much other work is refused at once.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from vocabulary.errors import Overloaded

THREADS = max(1, min(4, (os.cpu_count() or 2) - 1))
MAX_WAITING = 1_000


class Lane:
    """Runs functions in its threads; at most `most` may be waiting or running."""

    def __init__(self, threads: int, most: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="builtin")
        self._most = most
        self._inside = 0

    async def run[**P, R](self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What `work` returns or raises. Raises `Overloaded` when the lane is full."""
        if self._inside >= self._most:
            raise Overloaded("the builtin models have too much to do; try again")
        self._inside += 1
        future = self._pool.submit(work, *args, **kwargs)
        future.add_done_callback(self._leave)
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Waits for what is running and takes nothing more."""
        self._pool.shutdown()

    def _leave(self, future: object) -> None:
        self._inside -= 1


LANE = Lane(THREADS, MAX_WAITING)
