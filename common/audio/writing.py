"""Our own sounds as files and streams: the same sound gives the same bytes."""

import io
import wave
from typing import Final, assert_never

import numpy as np

from common.audio.g711 import encode_alaw, encode_mulaw
from common.audio.ogg import with_serial
from common.audio.resampling import resample
from common.audio.sounds import Sound
from vocabulary.errors import InvalidRequest, NotInstalled
from vocabulary.speech import AudioFormat

MP3_RATES: Final = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
LEAST_RATE = 8_000
MOST_RATES: Final[dict[AudioFormat, int]] = {"ogg": 96_000, "flac": 192_000}
MOST_RATE = 192_000
TELEPHONE_RATE = 8_000
MOST_CHANNELS = 2
SERIAL = 1
BLOCK = 4_096
"""Frames at a time: the Vorbis encoder crashes on a long sound given at once."""


def encode(sound: Sound, format: AudioFormat, sample_rate: int | None = None) -> bytes:
    """The sound in `format`, at `rate_for` it. `pcm`, `mulaw` and `alaw` have one channel.

    Raises `InvalidRequest` for a rate that the format does not have, `NotInstalled` where the
    extra `speech` is missing for mp3, ogg and flac.
    """
    sound = sound if sound.channels <= MOST_CHANNELS else sound.mono()
    sound = resample(sound, rate_for(sound.rate, format, sample_rate))
    match format:
        case "wav":
            return _wav(sound)
        case "pcm":
            return sound.mono().pcm().astype("<i2").tobytes()
        case "mulaw":
            return encode_mulaw(sound.mono().pcm().ravel())
        case "alaw":
            return encode_alaw(sound.mono().pcm().ravel())
        case "mp3":
            return _through_libsndfile(sound, "MP3", "MPEG_LAYER_III")
        case "flac":
            return _through_libsndfile(sound, "FLAC", "PCM_16")
        case "ogg":
            return with_serial(_through_libsndfile(sound, "OGG", "VORBIS"), SERIAL)
        case _:
            assert_never(format)


def rate_for(own: int, format: AudioFormat, asked: int | None) -> int:
    """The rate of a sound of `own` hertz in `format`: the one asked for; else 8,000 for the
    telephone's formats, and for the others its own, or the next that the format has."""
    if asked is not None:
        return _checked(asked, format)
    if format in ("mulaw", "alaw"):
        return TELEPHONE_RATE
    if format == "mp3":
        return next((rate for rate in MP3_RATES if rate >= own), MP3_RATES[-1])
    return min(max(own, LEAST_RATE), MOST_RATES.get(format, MOST_RATE))


def _checked(rate: int, format: AudioFormat) -> int:
    if format == "mp3" and rate not in MP3_RATES:
        rates = ", ".join(map(str, MP3_RATES))
        raise InvalidRequest("sample_rate", f"mp3 has the sample rates {rates}")
    most = MOST_RATES.get(format, MOST_RATE)
    if not LEAST_RATE <= rate <= most:
        message = f"{format} takes sample rates from {LEAST_RATE} to {most}"
        raise InvalidRequest("sample_rate", message)
    return rate


def _wav(sound: Sound) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(sound.channels)
        file.setsampwidth(2)
        file.setframerate(sound.rate)
        file.writeframes(sound.pcm().astype("<i2").tobytes())
    return out.getvalue()


def _through_libsndfile(sound: Sound, container: str, codec: str) -> bytes:
    try:
        import soundfile
    except (ImportError, OSError) as error:
        raise NotInstalled(f"writing {container.lower()} needs the extra `speech`") from error
    out = io.BytesIO()
    pcm = np.ascontiguousarray(sound.pcm())
    with soundfile.SoundFile(
        out, "w", sound.rate, sound.channels, format=container, subtype=codec
    ) as file:
        for start in range(0, len(pcm), BLOCK):
            file.write(pcm[start : start + BLOCK])
    return out.getvalue()
