"""The program that listens (`common.programs`): decodes a recording and runs pocketsphinx on it.

Ordered `{"path", "most_seconds"}` it answers `{"seconds", "segments"}`, each segment a list of
`[word, start, end]` in seconds; or `{"fault", "message"}`.
"""

from collections.abc import Iterator
from pathlib import Path

import pocketsphinx

from common.audio.decoder import fault, opened, read_mono
from common.audio.resampling import resample
from common.audio.sounds import Pcm, Sound
from common.serving import Answer, serve
from providers.builtin.speech.pauses import stretches
from vocabulary.errors import DomainError, TooLarge
from vocabulary.json import Json, JsonObject

RATE = 16_000
FRAMES_A_SECOND = 100
NO_WORDS = ("<", "[", "+")


def hear(pcm: Pcm) -> list[Json]:
    """The segments of a recording of `RATE`."""
    decoder = pocketsphinx.Decoder(samprate=RATE, loglevel="FATAL")
    heard = (_hear_stretch(decoder, pcm[a:b], a / RATE) for a, b in stretches(pcm))
    return [segment for segment in heard if segment]


def _hear_stretch(decoder: "pocketsphinx.Decoder", pcm: Pcm, begin: float) -> list[Json]:
    """The loudness of the channel is learned from the whole of a stretch before it is searched."""
    decoder.start_utt()
    decoder.process_raw(pcm.tobytes(), False, True)
    decoder.end_utt()
    return list(_words(decoder, begin)) if decoder.hyp() is not None else []


def _words(decoder: "pocketsphinx.Decoder", begin: float) -> Iterator[Json]:
    """Without silences and noises, and without the numbers of second pronunciations."""
    for spoken in decoder.seg():
        if not spoken.word.startswith(NO_WORDS):
            start = round(begin + spoken.start_frame / FRAMES_A_SECOND, 2)
            end = round(begin + (spoken.end_frame + 1) / FRAMES_A_SECOND, 2)
            yield [spoken.word.partition("(")[0], start, end]


def work(order: JsonObject, data: bytes) -> Answer:
    try:
        most = order["most_seconds"]
        assert isinstance(most, int)
        with opened(Path(str(order["path"]))) as stream:
            sound = Sound(read_mono(stream, most), stream.rate)
        pcm = resample(sound, RATE).pcm().ravel()
        return Answer({"seconds": sound.seconds, "segments": hear(pcm)})
    except MemoryError:
        return fault(TooLarge("the recording does not fit into memory"))
    except DomainError as error:
        return fault(error)


if __name__ == "__main__":
    serve(work)
