"""What a sound file is, told by its first bytes: names and media types are only claims."""

from pathlib import Path
from typing import Final

HEAD_BYTES = 64 * 1024
LIBSNDFILE: Final = frozenset({"wav", "aiff", "flac", "ogg", "opus", "mp3"})
"""What the extra `speech` reads."""
CONTAINERS: Final = {"mp4": "mov", "webm": "matroska", "aac": "aac", "mpeg": "mpeg", "ts": "mpegts"}
"""What the extra `media` reads, and its name for it. One alone is allowed at a time: some of that
library's formats are lists of other files to open."""
_PACKET = 188
_OGG_CODECS = ((b"\x01vorbis", "ogg"), (b"\x7fFLAC", "ogg"), (b"OpusHead", "opus"))


def sniff(path: Path) -> str:
    """One of `LIBSNDFILE` or `CONTAINERS`; empty for what we do not know."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if (tag := _tag_length(head)) >= HEAD_BYTES:
            file.seek(tag)
            return _sniff_frame(file.read(HEAD_BYTES)) or "mp3"
    return _sniff_frame(head[tag:]) or "mp3" if tag else _sniff_head(head)


def _sniff_head(head: bytes) -> str:
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    if head[:4] == b"OggS":
        return next((name for mark, name in _OGG_CODECS if mark in head[:128]), "")
    if head[4:8] == b"ftyp":
        return "mp4"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "webm"
    if head[:4] in (b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3"):
        return "mpeg"
    if head[:1] == b"G" and head[_PACKET : _PACKET + 1] == b"G":
        return "ts"
    return _sniff_frame(head)


def _sniff_frame(head: bytes) -> str:
    """FLAC, or the first frame of a stream of MPEG audio; silence of zeros may stand before it."""
    head = head.lstrip(b"\0")
    if head[:4] == b"fLaC":
        return "flac"
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return ""
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    if layer == 0:
        return "aac" if head[1] & 0xF0 == 0xF0 else ""
    is_frame = version != 1 and head[2] >> 4 != 0x0F and head[2] >> 2 & 3 != 3
    return "mp3" if is_frame else ""


def _tag_length(head: bytes) -> int:
    """Of an ID3v2 tag at the front, whose size is spelled in sevens of bits."""
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size
