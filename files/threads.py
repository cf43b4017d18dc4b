"""The threads that touch bytes: apart from those of the database, for a slow disk or a distant
storage would take them all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from common.db import in_pool

THREADS = 8

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="files")


async def in_file_thread[**P, R](fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of `fn(*args, **kwargs)`; it may use the storage and the ORM."""
    return await in_pool(_threads, partial(fn, *args, **kwargs))
