"""Who waits together shares one read, and nobody gets one that began before they asked."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from common.coalesce import Coalesced


class Gate:
    """A read that counts its runs and waits until the test lets it go on."""

    def __init__(self) -> None:
        self.runs = 0
        self.began = threading.Event()
        self.go_on = threading.Event()

    def __call__(self) -> int:
        self.runs += 1
        run = self.runs
        self.began.set()
        assert self.go_on.wait(5)
        return run


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


async def test_callers_that_arrive_together_share_one_read():
    gate = Gate()
    gate.go_on.set()
    shared = Coalesced(gate)
    assert await asyncio.gather(*(shared.value() for _ in range(50))) == [1] * 50


async def test_a_caller_that_arrives_during_a_read_gets_the_next_one():
    gate = Gate()
    shared = Coalesced(gate)
    early = asyncio.create_task(shared.value())
    await until(gate.began.is_set)
    late = [asyncio.create_task(shared.value()) for _ in range(3)]
    await asyncio.sleep(0)
    gate.go_on.set()
    assert await early == 1
    assert await asyncio.gather(*late) == [2, 2, 2]


async def test_a_failing_read_fails_its_own_callers_only():
    outcomes: list[int | Exception] = [ValueError("no"), 7]

    def read() -> int:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    shared = Coalesced(read)
    with pytest.raises(ValueError, match="no"):
        await shared.value()
    assert await shared.value() == 7


async def test_a_caller_that_gives_up_takes_nobody_along():
    gate = Gate()
    shared = Coalesced(gate)
    first, second = (asyncio.create_task(shared.value()) for _ in range(2))
    await until(gate.began.is_set)
    first.cancel()
    gate.go_on.set()
    assert await second == 1
    with pytest.raises(asyncio.CancelledError):
        await first


def test_one_value_serves_several_event_loops():
    shared = Coalesced(lambda: "read")
    answers: list[str] = []
    threads = [
        threading.Thread(target=lambda: answers.append(asyncio.run(shared.value())))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert answers == ["read"] * 3
