"""Where to cut a recording into stretches of speech: in its pauses, so that no word is lost."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from common.audio.sounds import Pcm

FRAME = 320
"""Samples, 20 ms at 16 kHz."""
QUIET_FRAMES = 15
"""A pause of 300 ms ends a stretch."""
MOST_FRAMES = 1_500
"""A stretch of 30 s is cut where it is quietest."""
QUIET_SHARE = 0.04
"""Of how loud the loud parts are (-28 dB): below is quiet."""
SILENCE = 20.0
"""So quiet is not even breath."""

type Levels = npt.NDArray[np.float64]


def stretches(pcm: Pcm) -> Iterator[tuple[int, int]]:
    """From and to which sample somebody may be speaking, in order; pauses are shared out."""
    levels = _levels(pcm)
    if not len(levels):
        return
    floor = max(SILENCE, QUIET_SHARE * float(np.percentile(levels, 95)))
    begin = 0
    for end in _cuts(levels < floor):
        while end - begin > MOST_FRAMES:
            cut = _quietest(levels, begin)
            yield begin * FRAME, cut * FRAME
            begin = cut
        if (levels[begin:end] >= floor).any():
            yield begin * FRAME, min(end * FRAME, len(pcm))
        begin = end


def _levels(pcm: Pcm) -> Levels:
    """The root mean square of each frame; the last one is filled up with silence."""
    padded = np.pad(pcm, (0, -len(pcm) % FRAME)).astype(np.float64)
    levels: Levels = np.sqrt((padded.reshape(-1, FRAME) ** 2).mean(axis=1))
    return levels


def _cuts(is_quiet: npt.NDArray[np.bool_]) -> Iterator[int]:
    """The middle of each long enough pause, and the end."""
    edges = np.flatnonzero(np.diff(is_quiet.astype(np.int8), prepend=0, append=0))
    for start, stop in edges.reshape(-1, 2).tolist():
        if stop - start >= QUIET_FRAMES and start > 0 and stop < len(is_quiet):
            yield (start + stop) // 2
    yield len(is_quiet)


def _quietest(levels: Levels, begin: int) -> int:
    """A place in the second half of the longest stretch from `begin`."""
    first = begin + MOST_FRAMES // 2
    window = np.convolve(levels[first : begin + MOST_FRAMES], np.ones(5), mode="same")
    return first + int(window.argmin())
