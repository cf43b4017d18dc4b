"""Child programs: work with strangers' bytes, or in C code that must not share our process.

A program is a module of this repository with `common.serving.serve(work)` at its end. It gets one
order and bytes, and answers with one report and bytes; whatever it does to itself, a crash, a hang
or a gigabyte, ends with it; and it ends with us. It sees none of our environment's secrets and
writes no files.
"""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from common.serving import Answer, pack, unpack
from vocabulary.errors import UpstreamUnavailable
from vocabulary.json import JsonObject

ROOT = Path(__file__).resolve().parent.parent
KEPT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "TMPDIR")
SET = {
    "PYTHONUTF8": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
BLOCK = 1 << 20


class ProgramFailed(Exception):
    """The program crashed, or gave no answer."""


class ProgramTimedOut(ProgramFailed):
    """The program did not end in time."""


class ProgramTooLarge(ProgramFailed):
    """The system ended the program, for want of memory."""


_ENDS: Final[dict[int, type[ProgramFailed]]] = {
    -signal.SIGXCPU: ProgramTimedOut,
    -signal.SIGKILL: ProgramTooLarge,
}
_ASKED_TO_END: Final = frozenset({-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP})
"""How a program ends when a service manager stops all of ours: no fault of what it was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`seconds` are of a core, and of the clock unless `patience` is given; `memory` is in bytes of
    addresses, `answer` in bytes."""

    seconds: int
    patience: float | None = None
    memory: int = 2 << 30
    answer: int = 1 << 30
    niceness: int = 0


class Program:
    """One run of a module as a program. `kill` may be called from any thread, at any time."""

    def __init__(self, module: str, limits: Limits) -> None:
        self._command = [sys.executable, "-m", module]
        self._limits = limits
        self._patience = limits.seconds if limits.patience is None else limits.patience
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_killed = self._is_late = False

    def run(self, order: JsonObject, data: bytes = b"") -> Answer:
        """What it answers. Raises `ProgramFailed`, `ProgramTimedOut` or `ProgramTooLarge`, and
        `UpstreamUnavailable` when it was asked to end, as on the way to a restart: then trying
        again is right."""
        limits = {"cpu": self._limits.seconds, "memory": self._limits.memory}
        order = {"limits": {**limits, "niceness": self._limits.niceness}, "order": order}
        alarm = threading.Timer(self._patience, self._give_up)
        with self._start() as process:
            alarm.start()
            try:
                said = _converse(process, pack(order, data), self._limits.answer)
                process.wait()
            finally:
                alarm.cancel()
                process.kill()
        self._check(process.returncode)
        try:
            return Answer(*unpack(said))
        except ValueError as error:
            raise ProgramFailed("the program gave no answer") from error

    def kill(self) -> None:
        """Ends it now, or keeps it from starting."""
        with self._lock:
            self._is_killed = True
            if self._process is not None:
                self._process.kill()

    @contextmanager
    def wanted(self) -> Iterator[None]:
        """Around the `await` of a thread that runs it: it is killed when nobody waits any more."""
        try:
            yield
        except asyncio.CancelledError:
            self.kill()
            raise

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        with self._lock:
            if self._is_killed:
                raise ProgramFailed("the program was stopped before it began")
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env={**environment, **SET},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # an interrupt at the terminal is for the server alone
            )
            return self._process

    def _give_up(self) -> None:
        self._is_late = True
        self.kill()

    def _check(self, code: int) -> None:
        if self._is_late:
            raise ProgramTimedOut(f"no answer within {self._patience} seconds")
        if self._is_killed:
            raise ProgramFailed("the program was stopped")
        if code in _ASKED_TO_END:
            raise UpstreamUnavailable("the server is being stopped; try again")
        if code != 0:
            raise _ENDS.get(code, ProgramFailed)(f"the program ended with {code}")


def _converse(process: "subprocess.Popen[bytes]", order: bytes, most: int) -> bytes:
    """All that it says, unless that is more than it may. Before it has heard all it is silent."""
    assert process.stdin is not None and process.stdout is not None
    with suppress(BrokenPipeError), process.stdin as stdin:
        stdin.write(order)
    blocks = []
    while block := process.stdout.read(BLOCK):
        blocks.append(block)
        most -= len(block)
        if most < 0:
            raise ProgramFailed("the program says too much")
    return b"".join(blocks)
