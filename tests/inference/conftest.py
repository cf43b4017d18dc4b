"""An organisation with one upstream, whose every move is scripted."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from pytest_django.fixtures import Settings

from organisations.actor import Actor, system
from organisations.models import Organisation
from providers.models import Price
from providers.services import create_provider
from tests.inference.doubles import Script, Scripted


@pytest.fixture
def script() -> Iterator[Script]:
    Scripted.script = Script()
    yield Scripted.script
    del Scripted.script


@pytest.fixture
def actor(transactional_db: None, settings: Settings, script: Script) -> Actor:
    """One whose upstream `up` offers `m` (2 and 8 USD a million tokens, 1 cached), `free` without
    a price, and `embed-1`."""
    settings.PROVIDERS = {"scripted": "tests.inference.doubles.Scripted"}
    actor = system(Organisation.objects.create(slug="acme", name="Acme").pk)
    Price.objects.create(
        organisation_id=actor.organisation_id,
        pattern="up/m",
        starts_on=date(2020, 1, 1),
        prompt=Decimal(2),
        cached_prompt=Decimal(1),
        completion=Decimal(8),
    )
    create_provider(
        actor,
        kind="scripted",
        name="up",
        base_url="https://up.example.com",
        models=["m", "free", "embed-1"],
    )
    return actor
