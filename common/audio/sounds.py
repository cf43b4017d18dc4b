"""What a sound is while we hold it: samples between -1 and 1, and how many of them a second."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

type Samples = npt.NDArray[np.float32]
"""Shape (frames, channels)."""
type Pcm = npt.NDArray[np.int16]

LEAST_RATE = 1_000
MOST_RATE = 384_000
MOST_CHANNELS = 16
PEAK = 32_767


@dataclass(frozen=True, slots=True)
class Sound:
    """`samples` have the shape (frames, channels); `rate` is in hertz."""

    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    @property
    def channels(self) -> int:
        return int(self.samples.shape[1])

    def mono(self) -> "Sound":
        """All channels as one, each as loud as the others."""
        if self.channels == 1:
            return self
        mixed = self.samples.mean(axis=1, dtype=np.float32, keepdims=True)
        return Sound(mixed, self.rate)

    def pcm(self) -> Pcm:
        """Signed 16-bit samples of the same shape; what is louder than full is cut."""
        scaled = np.clip(self.samples, -1.0, 1.0)
        scaled *= PEAK
        return np.rint(scaled, out=scaled).astype(np.int16)

    @classmethod
    def of_pcm(cls, pcm: bytes, rate: int) -> "Sound":
        """One channel from signed 16-bit little-endian samples."""
        samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / np.float32(PEAK)
        return cls(samples.reshape(-1, 1), rate)
