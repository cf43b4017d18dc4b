"""The way from async code to the ORM: a few threads of our own, which hand connections back."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.db import connection

THREADS = 8

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="db")


async def in_thread[**P, R](fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of `fn(*args, **kwargs)`, run in one of `THREADS` threads that may use the ORM.

    The call goes on when its waiter is cancelled: rows are written, or not, as a whole.
    """
    return await in_pool(_threads, partial(fn, *args, **kwargs))


async def in_pool[R](pool: ThreadPoolExecutor, call: Callable[[], R]) -> R:
    """The same in a thread of `pool`, for work that would keep those of `in_thread` too long."""
    run = contextvars.copy_context().run
    return await asyncio.get_running_loop().run_in_executor(
        pool, lambda: run(_with_connection, call)
    )


def _with_connection[R](call: Callable[[], R]) -> R:
    try:
        return call()
    finally:
        if _is_pooled() or connection.errors_occurred:
            connection.close()


def _is_pooled() -> bool:
    """Whether closing a connection hands it back. SQLite's stays with its thread: opening the file
    anew costs more than a hundred reads."""
    return "pool" in connection.settings_dict["OPTIONS"]
