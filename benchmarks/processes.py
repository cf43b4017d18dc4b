"""Processes under measurement: started on a core of their own, read from /proc, stopped."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Running:
    """A process and its children."""

    pid: int

    def cpu_seconds(self) -> float:
        return sum(_cpu(pid) for pid in self._tree())

    def megabytes(self) -> float:
        return sum(_resident(pid) for pid in self._tree()) / 1024 / 1024

    def _tree(self) -> Iterator[int]:
        waiting = [self.pid]
        while waiting:
            pid = waiting.pop()
            yield pid
            children = Path(f"/proc/{pid}/task/{pid}/children")
            waiting += [int(child) for child in children.read_text().split()]


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running(
    *command: str, core: int, port: int | None = None, env: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Start `python command…` on one core; wait until `port` answers."""
    pinned = ["taskset", "-c", str(core)] if shutil.which("taskset") else []
    process = subprocess.Popen(
        [*pinned, sys.executable, *command], env={**os.environ, **(env or {})}
    )
    try:
        if port is not None:
            _wait_for(port, process)
        yield Running(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"process ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nothing answers on port {port}")
