"""What adapters of sound share: recordings as parts of forms, WAV files, readings of answers.

An adapter that cannot speak in the format asked for answers in WAV, which others recode.
"""

import io
import struct
import wave
from collections.abc import Collection, Iterator
from typing import Final

from vocabulary.errors import Unrepresentable, UpstreamUnavailable
from vocabulary.json import Json, JsonObject
from vocabulary.speech import SpeechRequest
from vocabulary.transcription import Recording
from wire.http import FormFile, Reply

MAX_AUDIO: Final = 128 * 1024 * 1024
LISTENING: Final = 600.0
"""Seconds that a long recording may take."""
_ENDINGS: Final = {
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/mp4": "m4a",
    "audio/x-m4a": "m4a",
    "video/mp4": "mp4",
    "audio/webm": "webm",
    "video/webm": "webm",
}


def file_part(recording: Recording) -> FormFile:
    """Servers go by the ending; what the sender called it is nobody's business."""
    ending = _ENDINGS.get(recording.media_type, "bin")
    return FormFile(
        path=recording.path, name=f"recording.{ending}", media_type=recording.media_type
    )


def check_plain(request: SpeechRequest) -> None:
    """Raise `Unrepresentable` for SSML, which most upstreams would read out."""
    if request.markup == "ssml":
        raise Unrepresentable("text_type", "this model takes plain text, no SSML")


def sound_in(reply: Reply) -> bytes:
    """The sound that a reply holds; raises `UpstreamUnavailable` for one without."""
    if not reply.body or reply.headers.get("content-type", "").startswith("application/json"):
        raise UpstreamUnavailable("the upstream answered without sound")
    return reply.body


def make_wav(pcm: bytes, rate: int) -> bytes:
    """A WAV file around 16-bit samples of one channel."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(pcm[: len(pcm) // 2 * 2])
    return file.getvalue()


def wav_rate(content: bytes) -> int:
    """The sample rate in the head of a WAV file; 0 where there is none."""
    if content[:4] != b"RIFF" or content[12:16] != b"fmt " or len(content) < 28:
        return 0
    rate: int = struct.unpack_from("<I", content, 24)[0]
    return rate


def nearest(rate: int | None, known: Collection[int], default: int) -> int:
    """The lowest of the known rates that loses nothing of `rate`."""
    if rate is None:
        return default
    return min((one for one in known if one >= rate), default=max(known))


# -- lenient readings: what is missing or odd in an answer is left out ---------------------------
def seconds(value: Json) -> float | None:
    """A number, also one spelled as text."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def text_at(body: JsonObject, *keys: str) -> str:
    """The first of these that is text."""
    return next((value for key in keys if isinstance(value := body.get(key), str)), "")


def whole_at(body: JsonObject, key: str) -> int | None:
    value = body.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def objects_at(body: JsonObject, key: str) -> Iterator[JsonObject]:
    """The objects in the list under `key`."""
    value = body.get(key)
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, dict))
