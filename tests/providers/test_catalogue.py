"""What is known of models, shipped or said by rows."""

import tomllib
from datetime import date
from decimal import Decimal

import pytest

from organisations.models import Organisation
from providers import catalogue
from providers.models import CatalogueModel, Power, Price

TODAY = date(2026, 3, 1)


def test_the_shipped_catalogue_knows_public_models():
    known = catalogue.load_shipped()
    card = known.find_card("upstream/openai/gpt-4o-mini")
    assert card is not None
    assert (card.context_length, card.writes_schema, card.sees_images) == (128000, True, True)
    tariff = known.find_tariff("upstream/gpt-4o-mini", TODAY)
    assert tariff is not None
    assert (tariff.prompt, tariff.cached_prompt, tariff.completion) == (
        Decimal("0.15"),
        Decimal("0.075"),
        Decimal("0.6"),
    )


def test_no_id_is_shipped_twice_and_cached_tokens_never_cost_more():
    tables = tomllib.loads(catalogue._SHIPPED.read_text())["model"]
    ids = [i.lower() for table in tables for i in table["ids"]]
    assert len(ids) == len(set(ids))
    for table in tables:
        for price in table.get("prices", ()):
            assert price.get("cached_prompt", 0) <= price["prompt"]


def test_an_unknown_model_has_no_card_and_no_price():
    known = catalogue.load_shipped()
    assert known.find_card("mock/mock-1") is None
    assert known.find_tariff("mock/mock-1", TODAY) is None


@pytest.mark.parametrize(
    ("name", "power"),
    [
        ("up/text-embedding-3-small", Power.EMBEDDING),
        ("up/Snowflake/arctic-embed-l", Power.EMBEDDING),
        ("up/thenlper/gte-base", Power.EMBEDDING),
        ("up/intfloat/e5-small", Power.EMBEDDING),
        ("up/BAAI/bge-m3", Power.EMBEDDING),
        ("up/all-minilm-l12", Power.EMBEDDING),
        ("up/telnyx.NaturalHD", Power.SPEECH),
        ("up/aws.Polly.Generative", Power.SPEECH),
        ("up/gpt-4o", Power.CHAT),
        ("up/mock-1", Power.CHAT),
        ("up/integer-large", Power.CHAT),
        ("up/bgeneral", Power.CHAT),
    ],
)
def test_power_is_guessed_from_the_name(name: str, power: Power):
    assert catalogue.load_shipped().guess_power(name) == power


@pytest.mark.django_db
def test_a_row_wins_over_the_shipped_facts():
    organisation = Organisation.objects.create(slug="acme", name="Acme")
    CatalogueModel.objects.create(pattern="GPT-4o", context_length=7, languages=["eo"])
    card = catalogue.load(organisation.pk).find_card("up/gpt-4o")
    assert card is not None
    assert (card.context_length, card.languages, card.writes_schema) == (7, ("eo",), False)


@pytest.mark.django_db
def test_the_organisations_own_price_wins_then_the_common_then_the_shipped():
    acme, other = (Organisation.objects.create(slug=s, name=s) for s in ("acme", "other"))

    def price() -> Decimal | None:
        tariff = catalogue.load(acme.pk).find_tariff("up/gpt-4o", TODAY)
        return None if tariff is None else tariff.prompt

    since = date(2025, 1, 1)
    assert price() == Decimal("2.5")
    Price.objects.create(organisation=other, pattern="gpt-4o", starts_on=since, prompt=99)
    assert price() == Decimal("2.5")
    Price.objects.create(pattern="up/gpt-4o", starts_on=since, prompt=2)
    assert price() == 2
    Price.objects.create(organisation=acme, pattern="gpt-4o", starts_on=since, prompt=1)
    assert price() == 1
