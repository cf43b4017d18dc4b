"""Temporary files, below `DATA_DIR/tmp`: beside the local storage, so that a file which is to stay
gets there by being renamed. What a killed process leaves here is swept."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty temporary file, deleted at the end unless somebody took it."""
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place)
    os.close(handle)
    path = Path(name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def folder() -> Path:
    """Where temporary files are."""
    return Path(settings.DATA_DIR) / "tmp"
