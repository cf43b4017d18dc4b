"""A storage of its own for every test, and two organisations."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from organisations.actor import Actor, system
from organisations.services import create_organisation


@pytest.fixture(autouse=True)
def place(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """The folder of the local storage."""
    settings.DATA_DIR = tmp_path
    location = str(tmp_path / "files")
    default = {**settings.STORAGES["default"], "OPTIONS": {"location": location}}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    yield tmp_path / "files"


@pytest.fixture
def actor(db: None) -> Actor:
    return system(create_organisation("ours").pk)


@pytest.fixture
def stranger(db: None) -> Actor:
    return system(create_organisation("theirs").pk)
