"""Child programs: work with strangers' bytes, or in C code that must not share our process.

A program is a module of this repository with `serve(work, ...)` at its end. It gets one order
and bytes, and answers with one report and bytes; whatever it does to itself, a crash, a hang or a
gigabyte, ends with it; and it ends with us. It sees none of our environment's secrets and writes no
files.
"""

import ctypes
import json
import os
import resource
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from vocabulary.json import JsonObject

ROOT = Path(__file__).resolve().parent.parent
KEPT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "TMPDIR")
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
PR_SET_PDEATHSIG = 1
_HEAD = struct.Struct("<Q")


class ProgramFailed(Exception):
    """The program crashed, ran out of memory, or gave no answer."""


class ProgramTimedOut(ProgramFailed):
    """The program did not end in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`seconds` of the clock and, each for itself, of a core; `memory` in bytes of addresses."""

    seconds: int
    memory: int = 2 << 30
    niceness: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program reported, and the bytes that came with it."""

    report: JsonObject
    data: bytes = b""


class Program:
    """One run of a module as a program. `kill` may be called from any thread, at any time."""

    def __init__(self, module: str, limits: Limits) -> None:
        self._command = [sys.executable, "-m", module]
        self._limits = limits
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_killed = False

    def run(self, order: JsonObject, data: bytes = b"") -> Answer:
        """What it answers. Raises `ProgramFailed` or `ProgramTimedOut`."""
        limits = {"cpu": self._limits.seconds, "memory": self._limits.memory}
        order = {"limits": {**limits, "niceness": self._limits.niceness}, "order": order}
        with self._start() as process:
            try:
                said, _ = process.communicate(_pack(order, data), timeout=self._limits.seconds)
            except subprocess.TimeoutExpired as error:
                raise ProgramTimedOut(f"no answer within {self._limits.seconds} seconds") from error
            finally:
                process.kill()
        if process.returncode != 0:
            raise ProgramFailed(f"the program ended with {process.returncode}")
        return Answer(*_unpack(said))

    def kill(self) -> None:
        """Ends it now, or keeps it from starting."""
        with self._lock:
            self._is_killed = True
            if self._process is not None:
                self._process.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        with self._lock:
            if self._is_killed:
                raise ProgramFailed("the program was stopped before it began")
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env={**environment, **ONE_THREAD},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            return self._process


def serve(work: Callable[[JsonObject, bytes], Answer]) -> None:
    """The program's side: reads the order, keeps to its limits, writes what `work` answers.

    What libraries print does not get between: the answer has its own descriptor.
    """
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    outer, data = _unpack(sys.stdin.buffer.read())
    _end_with_parent()
    order, limits = outer["order"], outer["limits"]
    assert isinstance(order, dict) and isinstance(limits, dict)
    _keep_to(limits)
    answer = work(order, data)
    with out:
        out.write(_pack(answer.report, b""))
        out.write(answer.data)


def _keep_to(limits: JsonObject) -> None:
    cpu, memory, niceness = (limits[name] for name in ("cpu", "memory", "niceness"))
    assert isinstance(cpu, int) and isinstance(memory, int) and isinstance(niceness, int)
    os.nice(niceness)
    _limit(resource.RLIMIT_CPU, cpu)
    _limit(resource.RLIMIT_AS, memory)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)


def _limit(kind: int, most: int) -> None:
    """What the operator limits further stays so; macOS refuses to limit addresses at all."""
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with suppress(ValueError):
        resource.setrlimit(kind, (most, most))


def _end_with_parent() -> None:
    """Linux tells when the thread that started us is gone, and that one waits while it lives."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _pack(report: JsonObject, data: bytes) -> bytes:
    text = json.dumps(report).encode()
    return _HEAD.pack(len(text)) + text + data


def _unpack(said: bytes) -> tuple[JsonObject, bytes]:
    try:
        [size] = _HEAD.unpack_from(said)
        report = json.loads(said[_HEAD.size : _HEAD.size + size])
    except (struct.error, ValueError) as error:
        raise ProgramFailed("the program gave no answer") from error
    return report, said[_HEAD.size + size :]
