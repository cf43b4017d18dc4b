"""Plain text in whatever encoding, and the decoding that other kinds of text share."""

import codecs
import re
from pathlib import Path
from typing import Final

import puremagic
from charset_normalizer import from_bytes

from knowledge.reading.extracts import Extract, Unreadable, Writing, too_long

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as UTF-16's does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE: Final = 64 * 1024
_GUESSED: Final = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r",
    "shift_jis", "euc_jp", "euc_kr", "gb18030", "big5",
]  # fmt: skip
_CONTROLS: Final = bytes({*range(32)} - {*b"\t\n\f\r\x1b"})
_MOST_CONTROLS: Final = 0.01
_BYTES_A_CHARACTER: Final = 4
_BLANK_LINES: Final = re.compile(r"\n[^\S\n]*\n\s*")


def read(path: Path, most: int, media_type: str) -> Extract:
    """Text as it stands; its paragraphs are what empty lines set apart."""
    text = read_text(path, most, media_type)
    return Writing(most).add_all(_BLANK_LINES.split(text)).extract("text")


def read_text(path: Path, most: int, media_type: str) -> str:
    """A file's bytes as text. Raises `Unreadable` for what is no text at all."""
    if path.stat().st_size > most * _BYTES_A_CHARACTER:
        raise too_long(most)
    data = path.read_bytes()
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    sample = data[:_SAMPLE]
    if (wide := _wide(sample)) is not None:
        return data.decode(wide, "replace")
    if _is_binary(sample):
        raise Unreadable(f"is {_called(sample)}, not text")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(_declared(media_type) or _guessed(data), "replace")


def _wide(sample: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of western text is zero."""
    half = len(sample) // 2
    if half < 4:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.7 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * half and odd < 0.05 * half else None


def _is_binary(sample: bytes) -> bool:
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls > _MOST_CONTROLS * len(sample)


def _called(sample: bytes) -> str:
    """The kind of a file that is not text, as far as it is known by its signature."""
    try:
        [first, *_] = puremagic.magic_string(sample)
    except (puremagic.PureError, ValueError):
        return "binary data"
    return f"binary data ({first.name or first.mime_type or first.extension})"


def _declared(media_type: str) -> str | None:
    """The character set that came with a media type, if there is such a one."""
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", media_type, re.I)
    if charset is None:
        return None
    try:
        return codecs.lookup(charset[1]).name
    except LookupError:
        return None


def _guessed(data: bytes) -> str:
    """By the look of the stretch around the first byte that is not ASCII."""
    first = re.search(rb"[\x80-\xff]", data)
    start = max(first.start() - _SAMPLE // 2, 0) if first else 0
    best = from_bytes(data[start : start + _SAMPLE], cp_isolation=_GUESSED).best()
    return best.encoding if best else "cp1252"
