"""Rows of many requests in one transaction: an accepted row is a committed row, and cheap.

One thread per process writes. While it commits, new rows gather; when it is free it takes all there
are, hands each writer its rows, commits once, and then tells those who wait.
"""

import asyncio
import atexit
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection, transaction

MOST_AT_ONCE = 500
"""Calls of `save` in one transaction."""
IDLE_SECONDS = 0.5
"""How long the writer keeps its connection, and itself, without work."""

type Writer[T, R] = Callable[[Sequence[T]], Sequence[R | Exception] | None]


class Write[T, R](NamedTuple):
    """`row`, to be written by `writer`.

    A writer gets the rows of many callers, in order, inside a transaction. It returns one result a
    row, or None; an exception among the results is raised to that row's caller alone.
    """

    writer: Writer[T, R]
    row: T


@dataclass(slots=True)
class _Save:
    """One call of `save`: what it writes, who waits for it, and what came of it."""

    writes: tuple[Write[Any, Any], ...]
    loop: asyncio.AbstractEventLoop
    waiter: "asyncio.Future[list[Any]]"
    results: list[Any] = field(default_factory=list)
    error: Exception | None = None

    def answer(self) -> None:
        """Wake the caller; runs in the caller's event loop."""
        if self.waiter.done():
            return
        if self.error is not None:
            self.waiter.set_exception(self.error)
        else:
            self.waiter.set_result(self.results)


async def save(*writes: Write[Any, Any]) -> list[Any]:
    """Commit these rows together; the results of their writers (each of its own type), in order.

    Raises the first exception that a writer returned for one of them (the others are committed all
    the same), or what made the transaction fail (then none is). The rows are written even when the
    caller stops waiting.
    """
    loop = asyncio.get_running_loop()
    waiter: asyncio.Future[list[Any]] = loop.create_future()
    _thread.add(_Save(writes, loop, waiter))
    return await waiter


def close() -> None:
    """Commit what has gathered and stop the writer; a later `save` starts it again."""
    _thread.close()


class _WriterThread:
    """The queue and the thread that empties it; the thread ends when it is idle."""

    def __init__(self) -> None:
        self._saves: deque[_Save] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False

    def add(self, save: _Save) -> None:
        with self._changed:
            self._saves.append(save)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            thread, self._closing = self._thread, True
            self._changed.notify()
        if thread is not None:
            thread.join()
        self._closing = False

    def _work(self) -> None:
        while saves := self._take():
            _commit(saves)
            _answer(saves)
        connection.close()

    def _take(self) -> list[_Save]:
        """All that waits; nothing, and this thread is no longer the writer, after idling."""
        with self._changed:
            self._changed.wait_for(lambda: self._saves or self._closing, IDLE_SECONDS)
            if not self._saves:
                self._thread = None
            return [self._saves.popleft() for _ in range(min(len(self._saves), MOST_AT_ONCE))]


def _commit(saves: Sequence[_Save]) -> None:
    """Write all in one transaction; if that fails, each half in its own, until what cannot be
    written stands alone and has spoiled nobody else's.

    With the database gone all fail at once, for each attempt would wait out the same timeout.
    """
    try:
        _write(saves)
    except Exception as error:
        if len(saves) == 1 or _is_lost():
            connection.close()
            for save in saves:
                save.error = error
        else:
            middle = len(saves) // 2
            _commit(saves[:middle])
            _commit(saves[middle:])


def _is_lost() -> bool:
    return connection.connection is None or not connection.is_usable()


def _write(saves: Iterable[_Save]) -> None:
    """Give each writer all its rows at once, and each save its rows' results."""
    rows: dict[Writer[Any, Any], list[Any]] = {}
    for save in saves:
        for write in save.writes:
            rows.setdefault(write.writer, []).append(write.row)
    with transaction.atomic():
        results = {
            writer: iter(writer(its_rows) or [None] * len(its_rows))
            for writer, its_rows in rows.items()
        }
        for save in saves:
            save.results = [next(results[write.writer]) for write in save.writes]
    for save in saves:
        save.error = next((r for r in save.results if isinstance(r, Exception)), None)


def _answer(saves: Iterable[_Save]) -> None:
    """Wake the callers: one call into each event loop, however many wait in it."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Save]] = {}
    for save in saves:
        by_loop.setdefault(save.loop, []).append(save)
    for loop, its_saves in by_loop.items():
        try:
            loop.call_soon_threadsafe(_answer_in_loop, its_saves)
        except RuntimeError:  # the loop was closed: nobody waits there any more
            continue


def _answer_in_loop(saves: Iterable[_Save]) -> None:
    for save in saves:
        save.answer()


_thread = _WriterThread()


def _start_anew() -> None:
    """A forked child has no writer thread and must not write its parent's rows again."""
    global _thread
    _thread = _WriterThread()


atexit.register(close)
os.register_at_fork(after_in_child=_start_anew)
