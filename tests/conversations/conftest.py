"""An organisation of one's own, somebody who asks, and an upstream that answers as scripted."""

from collections.abc import Iterator
from typing import Any

import pytest

from organisations.actor import Actor, system
from organisations.models import Organisation
from providers.services import create_provider
from tests.inference.doubles import Script, Scripted


@pytest.fixture
def organisation(db: None) -> Organisation:
    return Organisation.objects.create(slug="acme", name="Acme")


@pytest.fixture
def actor(organisation: Organisation) -> Actor:
    return system(organisation.pk)


@pytest.fixture
def stranger(db: None) -> Actor:
    return system(Organisation.objects.create(slug="other", name="Other").pk)


@pytest.fixture
def script(transactional_db: None, actor: Actor, settings: Any) -> Iterator[Script]:
    """What the actor's model `m` answers."""
    settings.PROVIDERS = {"scripted": "tests.inference.doubles.Scripted"}
    create_provider(
        actor, kind="scripted", name="up", base_url="https://up.example.com", models=["m"]
    )
    Scripted.script = Script()
    yield Scripted.script
    del Scripted.script
