"""A thread with one database connection that stays open; each duty of the runner has one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connections


class DatabaseThread:
    """Runs synchronous code one call after the other. A call that raises costs the connection."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=f"jobs-{name}")

    async def run[**P, R](self, fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The result of `fn`; it goes on in its thread if the waiter is cancelled."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, lambda: _guarded(fn, *args, **kwargs))

    def close(self) -> None:
        """Wait for the last call and hand the connection back."""
        self._executor.submit(connections.close_all)
        self._executor.shutdown(wait=True)


def _guarded[**P, R](fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    try:
        return fn(*args, **kwargs)
    except Exception:
        connections.close_all()
        raise
