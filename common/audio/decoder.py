"""The program that decodes strangers' files (`common.programs`), and its parts for other programs.

It answers `{"format", "rate", "channels", "seconds"}` with float32 samples, or `{"fault": …,
"message": …}`; `fault` is the code of the error to raise.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from common.audio.sniffing import CONTAINERS, LIBSNDFILE, sniff
from common.audio.sounds import LEAST_RATE, MOST_CHANNELS, MOST_RATE, Samples
from common.serving import Answer, serve
from vocabulary.errors import DomainError, NotInstalled, TooLarge, UnsupportedMedia
from vocabulary.json import JsonObject

if TYPE_CHECKING:
    import av
    import soundfile

BLOCK = 1 << 15
MOST_SAMPLES = 60_000_000
"""Of all channels together, 240 MB: ten minutes of the best stereo."""
MOST_SECONDS = 7 * 24 * 3600
"""A header that promises more is lying."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A file that is being decoded. `frames` is what its header promises, 0 for nothing."""

    format: str
    rate: int
    channels: int
    frames: int
    blocks: Iterator[Samples]


@contextmanager
def opened(path: Path) -> Iterator[Stream]:
    """Raises `UnsupportedMedia`, or `NotInstalled` naming the extra that would read it.

    Whatever a decoder says against the file, while it is open too, is `UnsupportedMedia`.
    """
    kind = sniff(path)
    if kind in LIBSNDFILE:
        with _through_libsndfile(path, kind) as stream:
            yield _checked(stream)
    elif kind in CONTAINERS:
        with _through_av(path, kind) as stream:
            yield _checked(stream)
    else:
        raise UnsupportedMedia("this is no sound file of a kind that is known here")


def read_mono(stream: Stream, most_seconds: float) -> Samples:
    """All of it as one channel, shape (frames, 1). Raises `TooLarge`."""
    mixed = (block.mean(axis=1, keepdims=True) for block in stream.blocks)
    return _gather(mixed, stream.rate, 1, most_seconds)


def read_all(stream: Stream, most_seconds: float) -> Samples:
    """All of it. Raises `TooLarge`."""
    return _gather(stream.blocks, stream.rate, stream.channels, most_seconds)


def fault(error: DomainError) -> Answer:
    """What a program answers instead of raising."""
    return Answer({"fault": error.code, "message": error.message})


def _gather(blocks: Iterator[Samples], rate: int, channels: int, most_seconds: float) -> Samples:
    most = min(int(most_seconds * rate), MOST_SAMPLES // channels)
    kept: list[Samples] = []
    frames = 0
    for block in blocks:
        frames += len(block)
        if frames > most:
            raise TooLarge(f"the recording is longer than {most / rate:.0f} seconds")
        kept.append(block.astype(np.float32, copy=False))
    whole = np.concatenate(kept) if kept else np.empty((0, channels), dtype=np.float32)
    return np.nan_to_num(whole, copy=False, nan=0.0, posinf=1.0, neginf=-1.0)


def _checked(stream: Stream) -> Stream:
    if not LEAST_RATE <= stream.rate <= MOST_RATE:
        raise UnsupportedMedia(f"a sound of {stream.rate} samples a second is not taken")
    if not 1 <= stream.channels <= MOST_CHANNELS:
        raise UnsupportedMedia(f"a sound of {stream.channels} channels is not taken")
    if stream.frames > MOST_SECONDS * stream.rate:
        raise UnsupportedMedia("the file's header promises more sound than there can be")
    return stream


@contextmanager
def _through_libsndfile(path: Path, kind: str) -> Iterator[Stream]:
    try:
        import soundfile
    except (ImportError, OSError) as error:
        raise NotInstalled("reading sound files needs the extra `speech`") from error
    try:
        with soundfile.SoundFile(str(path)) as file:
            yield Stream(kind, file.samplerate, file.channels, file.frames, _blocks(file))
    except (soundfile.SoundFileError, RuntimeError, ValueError) as error:
        raise UnsupportedMedia(f"the {kind} file cannot be decoded") from error


def _blocks(file: "soundfile.SoundFile") -> Iterator[Samples]:
    while len(block := file.read(BLOCK, dtype="float32", always_2d=True)):
        yield np.asarray(block, dtype=np.float32)


@contextmanager
def _through_av(path: Path, kind: str) -> Iterator[Stream]:
    """Through an open file, not its name: what it names itself is never opened."""
    try:
        import av
    except ImportError as error:
        raise NotInstalled(f"reading {kind} files needs the extra `media`") from error
    try:
        with path.open("rb") as file, av.open(file, format=CONTAINERS[kind]) as container:
            assert isinstance(container, av.container.InputContainer)
            if not container.streams.audio:
                raise UnsupportedMedia(f"the {kind} file has no sound")
            track = container.streams.audio[0]
            rate, channels = track.rate, track.channels
            frames = _promised(container, track) if kind != "aac" else 0
            yield Stream(kind, rate, channels, frames, _decoded(container, track))
    except (av.FFmpegError, RuntimeError, ValueError, OverflowError) as error:
        raise UnsupportedMedia(f"the {kind} file cannot be decoded") from error


def _promised(
    container: "av.container.InputContainer", track: "av.audio.stream.AudioStream"
) -> int:
    if track.duration and track.time_base:
        return int(track.duration * track.time_base * track.rate)
    return container.duration * track.rate // 1_000_000 if container.duration else 0


def _decoded(
    container: "av.container.InputContainer", track: "av.audio.stream.AudioStream"
) -> Iterator[Samples]:
    """Each frame as float32 of the track's own rate and channels."""
    import av

    resampler = av.AudioResampler(format="fltp", layout=track.layout, rate=track.rate)
    for frame in container.decode(track):
        for piece in resampler.resample(frame):
            yield cast("Samples", piece.to_ndarray().T)


def _counted(stream: Stream) -> float:
    """Seconds; what promises nothing is decoded, for its length."""
    frames = stream.frames or sum(len(block) for block in stream.blocks)
    return frames / stream.rate


def work(order: JsonObject, data: bytes) -> Answer:
    """`{"path"}` is probed; with `most_seconds` besides, it is decoded."""
    try:
        with opened(Path(str(order["path"]))) as stream:
            report: JsonObject = {
                "format": stream.format,
                "rate": stream.rate,
                "channels": stream.channels,
            }
            most = order.get("most_seconds")
            if not isinstance(most, int | float):
                return Answer({**report, "seconds": _counted(stream)})
            samples = read_all(stream, most)
            return Answer(report, np.ascontiguousarray(samples).tobytes())
    except MemoryError:
        return fault(TooLarge("the recording does not fit into memory"))
    except DomainError as error:
        return fault(error)


if __name__ == "__main__":
    serve(work)
