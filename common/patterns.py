"""Regular expressions of strangers, matched in linear time and bounded memory (RE2)."""

from functools import lru_cache
from typing import Any

import re2

MEMORY = 1 << 20  # bytes; a pattern that would take more is refused


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Any:
    """The pattern, with the methods of Python's own; raises `re2.error`."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MEMORY
    return re2.compile(pattern, options)  # type: ignore[no-untyped-call]
