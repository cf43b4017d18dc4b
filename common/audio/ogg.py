"""Ogg streams carry a random serial number; here it is made the same for the same sound."""

import struct
import zlib

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_HEADER_BYTES = 27
_SERIAL = slice(14, 18)
_CHECKSUM = slice(22, 26)
_ALL = 0xFFFFFFFF


def with_serial(stream: bytes, serial: int) -> bytes:
    """The same pages of one logical stream under another serial number, with their checksums."""
    pages = bytearray(stream)
    start = 0
    while start < len(pages):
        segments = pages[start + 26]
        lengths = pages[start + _HEADER_BYTES : start + _HEADER_BYTES + segments]
        end = start + _HEADER_BYTES + segments + sum(lengths)
        pages[start:end] = _renumbered(pages[start:end], serial)
        start = end
    return bytes(pages)


def _renumbered(page: bytearray, serial: int) -> bytearray:
    page[_SERIAL] = struct.pack("<I", serial)
    page[_CHECKSUM] = bytes(4)
    page[_CHECKSUM] = struct.pack("<I", _checksum(page))
    return page


def _checksum(page: bytearray) -> int:
    """Ogg's CRC is zlib's with every byte and the result turned around, and begun at 0."""
    mirrored = zlib.crc32(page.translate(_REVERSED), _ALL) ^ _ALL
    return int(f"{mirrored:032b}"[::-1], 2)
