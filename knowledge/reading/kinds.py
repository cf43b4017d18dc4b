"""What a file is: by its content first, and by its name where its content leaves it open."""

import re
from pathlib import PurePosixPath
from typing import Final, Literal

type Medium = Literal["pdf", "zip", "audio", "video", "html", "json", "csv", "text"]

HEAD: Final = 4_096
"""Bytes from its beginning that tell what a file is."""
_HTML: Final = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)
_SOUND_BRANDS: Final = frozenset({b"M4A ", b"M4B ", b"M4P "})
_PICTURE_BRANDS: Final = (b"hei", b"hev", b"avi", b"mif", b"msf", b"jxl", b"crx")
_NAMES: Final[dict[str, Medium]] = {
    ".html": "html", ".htm": "html", ".xhtml": "html",
    ".json": "json", ".jsonl": "json", ".ndjson": "json",
    ".csv": "csv", ".tsv": "csv",
}  # fmt: skip
_TYPES: Final[dict[str, Medium]] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/json": "json",
    "application/jsonl": "json",
    "application/x-ndjson": "json",
    "text/csv": "csv",
    "text/tab-separated-values": "csv",
}


def find_medium(head: bytes, name: str, media_type: str) -> Medium:
    """The medium of a file that begins with `head`; `text` for whatever is nothing else.

    A name or a declared type is believed about kinds of text alone: no name makes a PDF.
    """
    return _signed(head) or _looking(head) or _named(name, media_type) or "text"


def is_recording(head: bytes) -> bool:
    return _signed(head) in {"audio", "video"}


def suffix_of(name: str) -> str:
    return PurePosixPath(name.lower()).suffix


def _signed(head: bytes) -> Medium | None:
    """By signatures, which text does not begin with by chance."""
    if b"%PDF-" in head[:1_024]:
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith((b"ID3", b"fLaC", b"OggS")):
        return "audio"
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "audio"
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    if head.startswith((b"\x1a\x45\xdf\xa3", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3")):
        return "video"
    return "audio" if _is_mpeg_frame(head) else None


def _of_brand(brand: bytes) -> Medium | None:
    """ISO media files: most hold films; some sound alone, some a picture."""
    if brand.lower().startswith(_PICTURE_BRANDS):
        return None
    return "audio" if brand in _SOUND_BRANDS else "video"


def _is_mpeg_frame(head: bytes) -> bool:
    """A frame of layer II or III, or of AAC, with a bit rate and a sample rate that there are.

    Layer I is left out: its mark is that of UTF-16 text.
    """
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    if head[1] & 0xF6 == 0xF0:
        return (head[2] >> 2) & 0x0F < 13
    layer, rate, samples = (head[1] >> 1) & 3, head[2] >> 4, (head[2] >> 2) & 3
    return layer in (1, 2) and 0 < rate < 15 and samples < 3 and (head[1] >> 3) & 3 != 1


def _looking(head: bytes) -> Medium | None:
    """By what text begins with."""
    text = head.removeprefix(b"\xef\xbb\xbf")
    if _HTML.match(text):
        return "html"
    return "json" if text.lstrip()[:1] in (b"{", b"[") else None


def _named(name: str, media_type: str) -> Medium | None:
    declared = media_type.partition(";")[0].strip().lower()
    return _NAMES.get(suffix_of(name)) or _TYPES.get(declared)
