"""G.711, the telephone's eight bits: mu-law of North America and Japan, A-law of elsewhere."""

import numpy as np
import numpy.typing as npt

from common.audio.sounds import Pcm

type Codes = npt.NDArray[np.uint8]

BIAS = 33
"""Of mu-law's fourteen bits: lets every segment begin at a power of two."""
MOST_MULAW = 8158


def encode_mulaw(pcm: Pcm) -> bytes:
    """Sign, segment and step of each sample, all bits inverted."""
    wide = pcm.astype(np.int32)
    sign = np.where(wide < 0, 0x80, 0)
    size = np.minimum(np.abs(wide) >> 2, MOST_MULAW) + BIAS
    segment = _highest_bit(size) - 5
    step = (size >> (segment + 1)) & 0x0F
    return bytes((~(sign | segment << 4 | step) & 0xFF).astype(np.uint8))


def encode_alaw(pcm: Pcm) -> bytes:
    """The same of thirteen bits; even bits inverted, and a sign bit that says "positive"."""
    wide = pcm.astype(np.int32) >> 3
    sign = np.where(wide < 0, 0, 0x80)
    size = np.where(wide < 0, ~wide, wide)
    segment = np.maximum(_highest_bit(size) - 4, 0)
    step = (size >> np.maximum(segment, 1)) & 0x0F
    return bytes(((sign | segment << 4 | step) ^ 0x55).astype(np.uint8))


def _highest_bit(sizes: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """The place of each number's highest bit; 0 for 0."""
    return np.frexp(np.maximum(sizes, 1).astype(np.float32))[1].astype(np.int32) - 1
