"""Child programs: asked, bounded, stopped, and alone with what breaks them."""

import asyncio
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from common.programs import ROOT, Limits, Program, ProgramFailed, ProgramTimedOut
from vocabulary.errors import UpstreamUnavailable

MODULE = "tests.common.crashing_program"
LIMITS = Limits(seconds=20, memory=1 << 30, niceness=3)


def run(do: str, data: bytes = b"", limits: Limits = LIMITS):
    return Program(MODULE, limits).run({"do": do}, data)


def test_it_answers_with_a_report_and_bytes_whatever_is_printed():
    answer = run("echo", b"\x00\xff" * 100_000)
    assert answer.report["order"] == {"do": "echo"}
    assert answer.data == b"\x00\xff" * 100_000


def test_it_sees_nothing_of_our_environment_that_it_does_not_need(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "x")
    assert "SECRET_KEY" not in run("echo").report["here"]


def test_it_keeps_to_its_limits():
    report = run("limits").report
    assert report["limits"] == [20, 1 << 30, 0]
    assert report["nice"] == os.nice(0) + 3


@pytest.mark.parametrize("how", ["crash", "exit", "raise"])
def test_what_breaks_it_breaks_nothing_else(how):
    with pytest.raises(ProgramFailed):
        run(how)


def test_one_that_is_asked_to_end_with_the_server_says_nothing_of_its_order():
    with pytest.raises(UpstreamUnavailable):
        run("end")


def test_an_interrupt_at_our_terminal_is_not_for_it():
    assert run("session").report["session"] != os.getsid(0)


def test_one_that_hangs_is_ended_in_time():
    with pytest.raises(ProgramTimedOut):
        run("hang", limits=Limits(seconds=1))


def test_one_that_takes_too_much_of_a_core_is_ended_though_we_have_patience():
    with pytest.raises(ProgramTimedOut):
        run("spin", limits=Limits(seconds=1, patience=20))


def test_one_that_says_too_much_is_not_listened_to():
    with pytest.raises(ProgramFailed, match="too much"):
        run("echo", bytes(10_000), limits=Limits(seconds=20, answer=9_999))


async def test_one_is_killed_when_its_waiter_is_cancelled():
    program = Program(MODULE, LIMITS)

    async def wait():
        with program.wanted():
            await asyncio.to_thread(program.run, {"do": "hang"})

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(ProgramFailed, match="before"):
        program.run({"do": "echo"})


def test_one_that_nobody_waits_for_is_killed():
    program = Program(MODULE, LIMITS)
    threading.Timer(0.2, program.kill).start()
    with pytest.raises(ProgramFailed):
        program.run({"do": "hang"})


def test_one_that_is_killed_before_it_begins_never_does():
    program = Program(MODULE, LIMITS)
    program.kill()
    with pytest.raises(ProgramFailed, match="before"):
        program.run({"do": "echo"})


RUN_ONE = f"""
from common.programs import Limits, Program
Program("{MODULE}", Limits(seconds=20)).run({{"do": "hang"}})
"""


def _until(true):
    """Looks every few milliseconds, for ten seconds at most."""
    for _ in range(1_000):
        if seen := true():
            return seen
        time.sleep(0.01)
    raise TimeoutError


def _limited_child(parent: int) -> int | None:
    """A child that keeps to its limits already, so that it has begun."""
    for task in Path(f"/proc/{parent}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            limits = Path(f"/proc/{child}/limits").read_text()
            if re.search(r"Max file size +0 ", limits):
                return child
    return None


def _is_gone(process: int) -> bool:
    try:
        return " Z " in Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return True


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_it_ends_with_the_server_that_started_it():
    with subprocess.Popen([sys.executable, "-c", RUN_ONE], cwd=ROOT) as server:
        child = _until(lambda: _limited_child(server.pid))
        server.kill()
    assert _until(lambda: _is_gone(child))
