"""Rows of many callers are committed together, and one bad row is one caller's trouble."""

import asyncio
import threading
from collections.abc import Sequence

import pytest
from django.db import (
    DEFAULT_DB_ALIAS,
    IntegrityError,
    OperationalError,
    connection,
    connections,
)

from common import group_commit
from common.db import in_thread
from common.group_commit import Write, save
from organisations.models import Revision

pytestmark = pytest.mark.django_db(transaction=True)


def write_revisions(names: Sequence[str]) -> list[str | Exception]:
    Revision.objects.bulk_create(Revision(name=name) for name in names)
    return [name.upper() for name in names]


def write_silently(names: Sequence[str]) -> None:
    Revision.objects.bulk_create(Revision(name=name) for name in names)


def refuse_odd(numbers: Sequence[int]) -> list[int | Exception]:
    return [ValueError(f"{n} is odd") if n % 2 else n for n in numbers]


def names() -> set[str]:
    return set(Revision.objects.values_list("name", flat=True))


async def gather_behind(*writes: Write[str, None]) -> list[object]:
    """The outcomes of saves that wait while another one is committed, so that they go together."""
    began, go_on = threading.Event(), threading.Event()

    def hold(rows: Sequence[str]) -> None:
        began.set()
        assert go_on.wait(5)

    holding = asyncio.create_task(save(Write(hold, "")))
    while not began.is_set():
        await asyncio.sleep(0.001)
    tasks = [asyncio.create_task(save(write)) for write in writes]
    await asyncio.sleep(0)
    go_on.set()
    await holding
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_saved_row_is_committed_when_save_returns():
    assert await save(Write(write_revisions, "a")) == ["A"]
    assert await in_thread(names) == {"a"}


async def test_results_come_in_the_order_of_the_writes():
    results = await save(
        Write(write_revisions, "x"), Write(refuse_odd, 2), Write(write_revisions, "y")
    )
    assert results == ["X", 2, "Y"]


async def test_a_writer_may_return_nothing():
    assert await save(Write(write_silently, "a")) == [None]


async def test_rows_that_gather_during_a_commit_go_together():
    batches: list[list[str]] = []

    def note(rows: Sequence[str]) -> None:
        batches.append(list(rows))

    await gather_behind(*(Write(note, f"n{i}") for i in range(20)))
    assert batches == [[f"n{i}" for i in range(20)]]


async def test_an_exception_among_the_results_is_its_callers_alone():
    outcomes = await asyncio.gather(
        save(Write(refuse_odd, 2)), save(Write(refuse_odd, 3)), return_exceptions=True
    )
    assert outcomes[0] == [2]
    assert isinstance(outcomes[1], ValueError)


async def test_a_row_the_database_refuses_does_not_fail_the_others():
    await save(Write(write_silently, "taken"))
    outcomes = await asyncio.gather(
        *(save(Write(write_silently, name)) for name in ("b", "taken", "c")),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [list, IntegrityError, list]
    assert await in_thread(names) == {"b", "c", "taken"}


async def test_when_the_database_is_gone_all_fail_at_once(monkeypatch: pytest.MonkeyPatch):
    tries: list[int] = []

    def refuse(*args: object) -> None:
        raise OperationalError("nobody listens there")

    def lose(rows: Sequence[str]) -> None:
        tries.append(len(rows))
        monkeypatch.setattr(type(connections[DEFAULT_DB_ALIAS]), "connect", refuse)
        connection.close()
        raise OperationalError("the server went away")

    outcomes = await gather_behind(*(Write(lose, str(i)) for i in range(3)))
    assert [type(outcome) for outcome in outcomes] == [OperationalError] * 3
    assert tries == [3]
    monkeypatch.undo()
    await save(Write(write_silently, "later"))
    assert await in_thread(names) == {"later"}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a server that hangs up")
async def test_rows_are_written_though_the_server_hung_up_on_us():
    tries: list[int] = []

    def lose_once(rows: Sequence[str]) -> None:
        tries.append(len(rows))
        if len(tries) == 1:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        write_silently(rows)

    await gather_behind(*(Write(lose_once, name) for name in "abc"))
    assert await in_thread(names) == {"a", "b", "c"}
    assert tries == [3, 1, 2]


async def test_one_bad_row_among_many_costs_few_transactions():
    sizes: list[int] = []

    def write(rows: Sequence[str]) -> None:
        sizes.append(len(rows))
        if "bad" in rows:
            raise ValueError("no")

    outcomes = await gather_behind(
        *(Write(write, "bad" if number == 40 else "good") for number in range(64))
    )
    assert [number for number, o in enumerate(outcomes) if isinstance(o, ValueError)] == [40]
    assert len(sizes) == 1 + 2 * 6


async def test_writes_of_one_save_are_committed_all_or_none():
    await save(Write(write_silently, "taken"))
    with pytest.raises(IntegrityError):
        await save(Write(write_revisions, "new"), Write(write_silently, "taken"))
    assert await in_thread(names) == {"taken"}


async def test_a_row_is_written_though_its_caller_gave_up():
    task = asyncio.create_task(save(Write(write_silently, "kept")))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    group_commit.close()
    assert await in_thread(names) == {"kept"}


async def test_close_commits_what_has_gathered_and_a_later_save_still_works():
    tasks = [asyncio.create_task(save(Write(write_silently, f"n{i}"))) for i in range(5)]
    await asyncio.sleep(0)
    group_commit.close()
    assert len(await in_thread(names)) == 5
    await asyncio.gather(*tasks)
    await save(Write(write_silently, "later"))
    assert "later" in await in_thread(names)


def test_callers_of_several_event_loops_share_the_writer():
    def work(loop: int) -> None:
        async def save_some() -> None:
            await asyncio.gather(*(save(Write(write_silently, f"{loop}.{i}")) for i in range(10)))

        asyncio.run(save_some())

    threads = [threading.Thread(target=work, args=(loop,)) for loop in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert names() == {f"{loop}.{i}" for loop in range(3) for i in range(10)}
