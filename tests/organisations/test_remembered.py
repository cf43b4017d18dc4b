"""What is kept in memory is never older than the call that asks for it."""

import asyncio
import threading

import pytest

from common.db import in_thread
from organisations import revisions
from organisations.remembered import Remembered, begin_request

pytestmark = pytest.mark.django_db(transaction=True)


class Source:
    """What is loaded: `truth`, and how often."""

    def __init__(self) -> None:
        self.truth = "old"
        self.loads = 0

    def __call__(self, key: str) -> str:
        self.loads += 1
        return f"{key} {self.truth}"


async def change(source: Source) -> None:
    source.truth = "new"
    await in_thread(revisions.bump, "things")


async def test_a_value_is_loaded_once_while_its_revision_stands():
    source = Source()
    things = Remembered("things", source)
    assert [await things.get("a") for _ in range(3)] == ["a old"] * 3
    await in_thread(revisions.bump, "other things")
    await things.get("a")
    assert source.loads == 1


async def test_a_change_is_seen_by_the_next_call():
    source = Source()
    things = Remembered("things", source)
    await things.get("a")
    await change(source)
    assert await things.get("a") == "a new"


async def test_a_load_that_overlaps_a_change_is_not_kept():
    source = Source()
    began, go_on = threading.Event(), threading.Event()

    def load_slowly(key: str) -> str:
        value = source(key)
        began.set()
        assert go_on.wait(5)
        return value

    things = Remembered("things", load_slowly)
    early = asyncio.create_task(things.get("a"))
    while not began.is_set():
        await asyncio.sleep(0.001)
    await change(source)
    go_on.set()
    assert await early == "a old"
    assert await things.get("a") == "a new"


async def test_callers_that_come_together_share_loads():
    source = Source()
    things = Remembered("things", source)
    await asyncio.gather(*(things.get("a") for _ in range(50)))
    assert source.loads <= 2


async def test_a_failed_load_is_tried_again():
    answers: list[str | Exception] = [ValueError("not yet"), "here"]

    def load(key: str) -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    things = Remembered("things", load)
    with pytest.raises(ValueError, match="not yet"):
        await things.get("a")
    assert await things.get("a") == "here"


async def test_a_request_looks_at_the_revisions_once():
    source = Source()
    things = Remembered("things", source)
    await things.get("a")

    async def request() -> list[str]:
        await begin_request()
        before = await things.get("a")
        await change(source)
        return [before, await things.get("a")]

    assert await asyncio.create_task(request()) == ["a old", "a old"]
    assert await things.get("a") == "a new"


async def test_renew_loads_though_nothing_changed():
    source = Source()
    things = Remembered("things", source)
    await things.get("a")
    source.truth = "new"
    assert await things.get("a") == "a old"
    assert await things.renew("a") == "a new"
    assert await things.get("a") == "a new"


async def test_memory_is_bounded():
    source = Source()
    things = Remembered("things", source, most=3)
    for key in "abcd":
        await things.get(key)
    await things.get("a")
    assert source.loads == 5
