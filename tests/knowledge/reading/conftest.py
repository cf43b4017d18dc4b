"""Files as they might be sent."""

from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.reading.extraction import extract
from knowledge.reading.extracts import Extract

type Write = Callable[..., Path]
type Read = Callable[..., Extract]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A file of this name with these bytes, or this text."""

    def make(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


@pytest.fixture
def read(write: Write) -> Read:
    """What is read from such a file, in this process."""

    def run(name: str, content: str | bytes, **options: object) -> Extract:
        return extract(write(name, content), name=name, **options)

    return run
