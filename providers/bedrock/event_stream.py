"""AWS' binary event streams: bytes in, messages out, each checked by its two sums.

A message is its length, the length of its headers and a sum of these two; headers and a payload;
and a sum of all before. Numbers are big-endian, sums are CRC-32.
https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from vocabulary.errors import UpstreamUnavailable

MOST_BYTES: Final = 16 * 1024 * 1024
"""A longer message is a mistake."""
_PRELUDE: Final = struct.Struct(">III")
_SUM: Final = struct.Struct(">I")
_LENGTH: Final = struct.Struct(">H")
_TEXT: Final = 7
_VARIABLE: Final = frozenset({6, _TEXT})
_SIZES: Final[Mapping[int, int]] = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""How many bytes a header's value takes, by its kind: flags, whole numbers, a time, a UUID."""


@dataclass(frozen=True, slots=True)
class Message:
    """Of the headers those that are texts, by name; the others tell nothing that is asked here."""

    headers: Mapping[str, str]
    payload: bytes


class Decoder:
    """Reads a stream cut anywhere. Raises UpstreamUnavailable for one that is not whole."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, chunk: bytes) -> Iterator[Message]:
        """The messages that `chunk` completes."""
        self._held += chunk
        while len(self._held) >= _PRELUDE.size:
            length = _read_length(self._held)
            if len(self._held) < length:
                return
            whole = bytes(self._held[:length])
            del self._held[:length]
            yield _read_message(whole)

    @property
    def is_between(self) -> bool:
        """Whether no message is half there."""
        return not self._held


def _read_length(held: bytearray) -> int:
    length, headers, told = _PRELUDE.unpack_from(held)
    if zlib.crc32(held[:8]) != told:
        raise _broken("the sum of a message's head is wrong")
    least = _PRELUDE.size + headers + _SUM.size
    if not least <= length <= MOST_BYTES:
        raise _broken("the length of a message is wrong")
    return int(length)


def _read_message(whole: bytes) -> Message:
    body, told = whole[: -_SUM.size], _SUM.unpack(whole[-_SUM.size :])[0]
    if zlib.crc32(body) != told:
        raise _broken("the sum of a message is wrong")
    ends = _PRELUDE.size + _PRELUDE.unpack_from(whole)[1]
    return Message(dict(_read_headers(body[_PRELUDE.size : ends])), body[ends:])


def _read_headers(data: bytes) -> Iterator[tuple[str, str]]:
    at = 0
    try:
        while at < len(data):
            name, at = _cut(data, at + 1, data[at])
            kind, at = data[at], at + 1
            if kind in _VARIABLE:
                size, at = _LENGTH.unpack_from(data, at)[0], at + _LENGTH.size
            else:
                size = _SIZES[kind]
            value, at = _cut(data, at, size)
            if kind == _TEXT:
                yield name.decode(), value.decode()
    except (IndexError, KeyError, struct.error, UnicodeDecodeError) as fault:
        raise _broken("a message's headers cannot be read") from fault


def _cut(data: bytes, at: int, size: int) -> tuple[bytes, int]:
    """The next `size` bytes, and where they end."""
    if at + size > len(data):
        raise IndexError
    return data[at : at + size], at + size


def _broken(reason: str) -> UpstreamUnavailable:
    return UpstreamUnavailable(f"the upstream's stream is broken: {reason}")
