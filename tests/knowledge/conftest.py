"""Files in a storage of one's own, and a provider that embeds in no time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from knowledge.reading.extraction import extract
from knowledge.reading.extracts import Extract
from organisations.actor import Actor, system
from organisations.models import Organisation
from providers.services import create_provider
from tests.fakes.fixtures import upstream
from tests.knowledge.embedders import Embedder

__all__ = ["upstream"]


@pytest.fixture
def place(settings: Any, tmp_path: Path) -> Path:
    """The folder of the local storage."""
    settings.DATA_DIR = tmp_path
    default = {**settings.STORAGES["default"], "OPTIONS": {"location": str(tmp_path / "files")}}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    return tmp_path


@pytest.fixture
def embedder(settings: Any) -> Iterator[type[Embedder]]:
    settings.PROVIDERS = {"scripted": "tests.knowledge.embedders.Embedder"}
    Embedder.asked.clear()
    Embedder.errors.clear()
    yield Embedder


@pytest.fixture
def librarian(transactional_db: None, place: Path, embedder: type[Embedder]) -> Actor:
    """Somebody whose upstream offers `embed-small` and `embed-large`."""
    actor = system(Organisation.objects.create(slug="acme", name="Acme").pk)
    create_provider(
        actor,
        kind="scripted",
        name="up",
        base_url="https://up.example.com",
        models=["embed-small", "embed-large"],
    )
    return actor


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in this process: starting others is what most of the time would go to."""

    async def extract_here(path: Path, *, name: str, media_type: str = "", most: int) -> Extract:
        return extract(path, name=name, media_type=media_type, most=most)

    monkeypatch.setattr("knowledge.texts.extract_apart", extract_here)
