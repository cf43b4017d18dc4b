"""An organisation with labelled texts in a bucket."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from files.services import put_bytes
from organisations.actor import Actor, system
from organisations.models import Organisation
from providers.builtin.tuning import training
from providers.builtin.tuning.training import _embed_batch
from tests.fakes.fixtures import upstream

__all__ = ["upstream"]

TOPICS = Path(__file__).parents[1] / "data" / "finetuning" / "topics_training.jsonl"


@cache
def _embed_once(texts: tuple[str, ...]) -> Any:
    return _embed_batch(texts)


@pytest.fixture(autouse=True)
def memory(monkeypatch):
    """The same texts are trained on again and again: their vectors are made once."""
    monkeypatch.setattr(training, "_embed_batch", lambda texts: _embed_once(tuple(texts)))


@pytest.fixture
def organisation(db) -> Organisation:
    return Organisation.objects.create(slug="acme", name="Acme")


@pytest.fixture
def actor(organisation) -> Actor:
    return system(organisation.pk, "tests")


@pytest.fixture
def stranger(db) -> Actor:
    return system(Organisation.objects.create(slug="other", name="Other").pk, "stranger")


@pytest.fixture
def topics(actor) -> str:
    """The name of a training file."""
    put_bytes(actor, "training", "sets/topics.jsonl", TOPICS.read_bytes())
    return "training/sets/topics.jsonl"
