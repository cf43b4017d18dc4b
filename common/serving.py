"""A child program's side (`common.programs`): its order comes in, its answer goes out.

Imports little: a program has read this before it has done anything.
"""

import json
import os
import resource
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from vocabulary.json import JsonObject

OPEN_FILES = 64
PR_SET_PDEATHSIG = 1
SIGKILL = 9
_HEAD = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program reported, and the bytes that came with it."""

    report: JsonObject
    data: bytes = b""


def serve(work: Callable[[JsonObject, bytes], Answer]) -> None:
    """Reads the order, keeps to its limits, writes what `work` answers.

    What libraries print does not get between: the answer has its own descriptor.
    """
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    outer, data = unpack(sys.stdin.buffer.read())
    _end_with_parent()
    order, limits = outer["order"], outer["limits"]
    assert isinstance(order, dict) and isinstance(limits, dict)
    _keep_to(limits)
    answer = work(order, data)
    with out:
        out.write(pack(answer.report, b""))
        out.write(answer.data)


def pack(report: JsonObject, data: bytes) -> bytes:
    """Either side's message: a length, a report as JSON, bytes."""
    text = json.dumps(report).encode()
    return _HEAD.pack(len(text)) + text + data


def unpack(said: bytes) -> tuple[JsonObject, bytes]:
    """Raises `ValueError` for what is no message."""
    try:
        [size] = _HEAD.unpack_from(said)
    except struct.error as error:
        raise ValueError("the message has no head") from error
    report = json.loads(said[_HEAD.size : _HEAD.size + size])
    return report, said[_HEAD.size + size :]


def _keep_to(limits: JsonObject) -> None:
    """The first second too many of a core ends it by a signal of its own, which tells why."""
    cpu, memory, niceness = (limits[name] for name in ("cpu", "memory", "niceness"))
    assert isinstance(cpu, int) and isinstance(memory, int) and isinstance(niceness, int)
    os.nice(niceness)
    _limit(resource.RLIMIT_CPU, cpu, cpu + 1)
    _limit(resource.RLIMIT_AS, memory, memory)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, 0, 0)
    _limit(resource.RLIMIT_CORE, 0, 0)


def _limit(kind: int, soft: int, hard: int) -> None:
    """What the operator limits further stays so; macOS refuses to limit addresses at all."""
    _, ceiling = resource.getrlimit(kind)
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    with suppress(ValueError):
        resource.setrlimit(kind, (soft, hard))


def _end_with_parent() -> None:
    """Linux tells when the thread that started us is gone, and that one waits while it lives."""
    if sys.platform == "linux":
        # Imported here: what only some systems need would slow down every program.
        from ctypes import CDLL

        CDLL(None).prctl(PR_SET_PDEATHSIG, SIGKILL)
