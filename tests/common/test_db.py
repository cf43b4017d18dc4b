"""Async code uses the ORM in threads that leave no connection behind."""

import asyncio
import contextvars
import threading

import pytest
from django.db import connection

from common.db import THREADS, in_thread
from organisations.models import Revision

request_id = contextvars.ContextVar("request_id", default="")


async def test_the_call_runs_in_another_thread_with_the_callers_context():
    request_id.set("req-1")
    thread, seen = await in_thread(lambda: (threading.current_thread(), request_id.get()))
    assert thread is not threading.current_thread()
    assert seen == "req-1"


async def test_an_exception_reaches_the_caller():
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 / 0)


@pytest.mark.django_db(transaction=True)
async def test_many_calls_share_a_few_connections():
    async def insert(number: int) -> int:
        return await in_thread(_insert, number)

    threads = await asyncio.gather(*(insert(number) for number in range(40)))
    assert len(set(threads)) <= THREADS
    assert await in_thread(Revision.objects.count) == 40


def _insert(number: int) -> int:
    Revision.objects.create(name=str(number))
    assert connection.connection is not None
    return threading.get_ident()
