"""A part of a file, as HTTP's `Range` header asks for it (RFC 9110, section 14). Pure."""

import re
from typing import Final

from vocabulary.errors import DomainError, InvalidRequest

_ONE: Final = re.compile(r"bytes=\s*([0-9]{0,20})\s*-\s*([0-9]{0,20})\s*")


class Unsatisfiable(InvalidRequest):
    """The range asked for is not in the file, which has `size` bytes."""

    code = "invalid_range"

    def __init__(self, size: int) -> None:
        super().__init__("range", f"the file has {size} bytes; the range asked for is beyond them")
        self.size = size


def range_headers(error: DomainError) -> dict[str, str]:
    """Which bytes there are, for an answer that refuses a range."""
    return {"content-range": f"bytes */{error.size}"} if isinstance(error, Unsatisfiable) else {}


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """First byte, and the byte after the last one. None is the whole file: that is what whoever
    asks for nothing, for several ranges or in a way that is not valid gets."""
    match = _ONE.fullmatch(header)
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        start, end = max(size - int(match[2]), 0), size
    else:
        start, end = int(match[1]), int(match[2]) + 1 if match[2] else size
        if match[2] and end <= start:
            return None
    if start >= size:
        raise Unsatisfiable(size)
    return start, min(end, size)
