"""Strangers' sound files, decoded in a child process: a crash or a hang there is an error here."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from common.audio.sounds import Sound
from common.programs import Limits, Program, ProgramFailed
from common.serving import Answer
from vocabulary.errors import DomainError, NotInstalled, TooLarge, UnsupportedMedia
from vocabulary.json import JsonObject

PROGRAM = "common.audio.decoder"
LIMITS = Limits(seconds=60)
_FAULTS: Final[dict[str, type[DomainError]]] = {
    kind.code: kind for kind in (UnsupportedMedia, TooLarge, NotInstalled)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a file says of itself, `seconds` included: only decoding would prove it."""

    seconds: float
    rate: int
    channels: int
    format: str


def decode(path: Path, *, most_seconds: float) -> Sound:
    """The sound in a file. Raises `UnsupportedMedia`, `TooLarge`, or `NotInstalled` with the name
    of the extra that would read it. Takes a third of a second and more: not for an event loop."""
    answer = _ask({"path": str(path.resolve()), "most_seconds": most_seconds})
    rate, channels = whole(answer.report, "rate"), whole(answer.report, "channels")
    samples = np.frombuffer(answer.data, dtype=np.float32).reshape(-1, channels)
    return Sound(samples, rate)


def probe(path: Path) -> Probe:
    """What a file is and how long, without decoding it where its header tells. Raises as `decode`
    does, and is as slow to start."""
    report = _ask({"path": str(path.resolve())}).report
    seconds = report["seconds"]
    assert isinstance(seconds, int | float)
    return Probe(
        seconds=float(seconds),
        rate=whole(report, "rate"),
        channels=whole(report, "channels"),
        format=str(report["format"]),
    )


def raise_fault(report: JsonObject) -> None:
    """The error that a program reports instead of its answer, if it does."""
    if "fault" in report:
        raise _FAULTS[str(report["fault"])](str(report["message"]))


def whole(report: JsonObject, name: str) -> int:
    value = report[name]
    assert isinstance(value, int)
    return value


def _ask(order: JsonObject) -> Answer:
    try:
        answer = Program(PROGRAM, LIMITS).run(order)
    except ProgramFailed as error:
        raise UnsupportedMedia("the sound file breaks its decoder") from error
    raise_fault(answer.report)
    return answer
