"""What a recording is, told by its content: names and media types are only claims."""

from dataclasses import replace
from typing import Final

from common.audio.sniffing import sniff
from vocabulary.errors import UnsupportedMedia
from vocabulary.transcription import Recording

_MEDIA_TYPES: Final = {
    "wav": "audio/wav",
    "aiff": "audio/aiff",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "mp3": "audio/mpeg",
    "mp4": "audio/mp4",
    "webm": "audio/webm",
    "aac": "audio/aac",
    "mpeg": "video/mpeg",
    "ts": "video/mp2t",
}


def recognised(recording: Recording) -> Recording:
    """The same with its true media type. Reads the file; raises `UnsupportedMedia`."""
    kind = _MEDIA_TYPES.get(sniff(recording.path))
    if kind is None:
        raise UnsupportedMedia("the file is no recording of a kind that is known here")
    return replace(recording, media_type=kind)
