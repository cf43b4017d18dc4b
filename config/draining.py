"""Whether this process is on its way out: set when it begins to stop, asked by `/readyz`."""

import threading
from typing import Final

_DRAINING: Final = threading.Event()


def begin() -> None:
    _DRAINING.set()


def reset() -> None:
    """A server that starts in this process takes requests again."""
    _DRAINING.clear()


def is_draining() -> bool:
    return _DRAINING.is_set()
