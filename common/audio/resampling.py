"""A sound at another rate: a polyphase filter, a sinc under a Kaiser window.

Passes what is below 0.9 of the lower rate's half nearly unchanged and holds what would fold back
some 70 dB down: more than speech or telephone lines ask for.
"""

import math
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from common.audio.sounds import Samples, Sound

CROSSINGS = 16
"""Zero crossings of the sinc on each side."""
KAISER_BETA = 7.0
ROLLOFF = 0.95
BLOCK = 1 << 16
MOST_PHASES = 1_024
"""Two rates without a simpler ratio than this are taken as the nearest that has one: off by
some hundred-thousandths, which no ear hears."""


def resample(sound: Sound, rate: int) -> Sound:
    """The same sound at `rate` hertz, as long to within some hundred-thousandths."""
    if rate == sound.rate or not len(sound.samples):
        return Sound(sound.samples, rate)
    step = Fraction(sound.rate, rate).limit_denominator(MOST_PHASES)
    channels = [_convert(c, step.denominator, step.numerator) for c in sound.samples.T]
    return Sound(np.stack(channels, axis=1), rate)


def _convert(samples: npt.NDArray[np.float32], up: int, down: int) -> npt.NDArray[np.float32]:
    """Output n lies at n·down/up of the input; all with the same fraction share a filter."""
    width = max(1.0, down / up) / ROLLOFF
    reach = math.ceil(CROSSINGS * width)
    frames = -(-len(samples) * up // down)
    padded = np.pad(samples, (reach, reach + down + 1))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach)
    out = np.empty(frames, dtype=np.float32)
    for phase in range(min(up, frames)):
        first, rest = divmod(phase * down, up)
        taps = _taps(rest / up, reach, width)
        count = len(range(phase, frames, up))
        places = windows[first + 1 :: down][:count]
        out[phase::up] = _filtered(places, taps)
    return out


def _filtered(windows: Samples, taps: Samples) -> Samples:
    """In blocks: the windows overlap in memory, and a product may copy them."""
    blocks = [windows[n : n + BLOCK] @ taps for n in range(0, len(windows), BLOCK)]
    return np.concatenate(blocks)


def _taps(fraction: float, reach: int, width: float) -> npt.NDArray[np.float32]:
    """Weights of the `2 * reach` samples around a place `fraction` after the middle one's left."""
    distance = (np.arange(1 - reach, reach + 1) - fraction) / width
    inside = np.clip(1.0 - (distance * width / reach) ** 2, 0.0, None)
    taps = np.sinc(distance) * np.i0(KAISER_BETA * np.sqrt(inside))
    weights: npt.NDArray[np.float32] = (taps / taps.sum()).astype(np.float32)
    return weights
