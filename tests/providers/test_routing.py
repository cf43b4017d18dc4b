"""From the model a caller names to the upstream that serves it."""

import asyncio
from decimal import Decimal

import pytest
from django.test import override_settings

from common import clock
from common.db import in_thread
from organisations.actor import Actor, system
from organisations.models import Organisation
from providers import routing
from providers.models import Power, Price
from providers.protocols import Account, Target
from providers.queries import find_models, get_model
from providers.routing import Route, Routes, insight_model, resolve
from providers.services import create_provider, delete_provider, note_change, update_provider
from vocabulary.errors import InvalidRequest, ModelNotFound, NotInstalled

URL = "https://api.example.com/v1"


def route(account: str, model: str, power: Power = Power.CHAT) -> Route:
    target = Target(account=Account(name=account, kind="openai"), model=model)
    return Route(name=target.name, power=power, target=target)


ROUTES = Routes(
    [
        route("one", "m"),
        route("one", "org/large"),
        route("two", "m"),
        route("two", "v", Power.EMBEDDING),
        route("one", "v"),
    ]
)


def test_a_model_is_found_by_account_and_id():
    assert ROUTES.find("two/m", Power.CHAT).name == "two/m"
    assert ROUTES.find("one/org/large", Power.CHAT).model == "org/large"


def test_a_bare_id_is_enough_where_one_account_offers_it():
    assert ROUTES.find("org/large", Power.CHAT).name == "one/org/large"


def test_a_bare_id_of_several_accounts_is_refused_naming_them():
    with pytest.raises(InvalidRequest, match="one/m, two/m") as caught:
        ROUTES.find("m", Power.CHAT)
    assert caught.value.path == "model"


def test_power_tells_equal_bare_ids_apart():
    assert ROUTES.find("v", Power.EMBEDDING).name == "two/v"
    assert ROUTES.find("v", Power.CHAT).name == "one/v"


def test_a_model_without_the_power_is_refused():
    with pytest.raises(InvalidRequest, match="'one/m' is not a model for embedding"):
        ROUTES.find("one/m", Power.EMBEDDING)


@pytest.mark.parametrize("model", ["", "x", "one", "one/", "three/m", "large", "ONE/m"])
def test_an_unknown_model_is_not_found(model: str):
    with pytest.raises(ModelNotFound):
        ROUTES.find(model, Power.CHAT)


def test_an_adapter_is_made_once_and_an_unknown_kind_is_not_installed():
    with override_settings(PROVIDERS={"double": "tests.providers.doubles.Double"}):
        assert routing.chat_provider("double") is routing.chat_provider("double")
        with pytest.raises(InvalidRequest):
            routing.embedding_provider("double")
        with pytest.raises(NotInstalled):
            routing.chat_provider("carrier-pigeon")


# -- with rows ----------------------------------------------------------------------------------
@pytest.fixture
def acme(transactional_db: None) -> Actor:
    return system(Organisation.objects.create(slug="acme", name="Acme").pk)


@pytest.fixture
def other(transactional_db: None) -> Actor:
    return system(Organisation.objects.create(slug="other", name="Other").pk)


def offer(actor: Actor, name: str = "up", *models: str):
    return create_provider(
        actor, kind="openai", name=name, base_url=URL, api_key="k", models=models or ("gpt-4o",)
    )


async def test_a_target_has_the_account_the_facts_and_the_price(acme: Actor):
    await in_thread(offer, acme)
    target = await resolve(acme, "gpt-4o", Power.CHAT)
    assert (target.account.name, target.account.base_url) == ("up", URL)
    assert target.account.api_key.reveal() == "k"
    assert target.facts.writes_schema
    assert target.facts.max_completion_tokens == 16384
    assert target.tariff is not None
    assert target.tariff.completion == Decimal(10)


async def test_builtin_models_are_always_there(acme: Actor):
    target = await resolve(acme, "builtin/extractive", Power.CHAT)
    assert (target.account.kind, target.model) == ("builtin", "extractive")
    assert target.tariff is not None
    assert target.tariff.prompt == 0
    assert (await resolve(acme, "minilm", Power.EMBEDDING)).name == "builtin/minilm"


async def test_a_change_is_felt_by_the_next_request(acme: Actor):
    with pytest.raises(ModelNotFound):
        await resolve(acme, "up/gpt-4o", Power.CHAT)
    provider = await in_thread(offer, acme)
    await resolve(acme, "up/gpt-4o", Power.CHAT)
    await in_thread(update_provider, acme, provider.pk, models=["gpt-4.1"])
    with pytest.raises(ModelNotFound):
        await resolve(acme, "up/gpt-4o", Power.CHAT)
    await resolve(acme, "up/gpt-4.1", Power.CHAT)
    await in_thread(update_provider, acme, provider.pk, is_enabled=False)
    with pytest.raises(ModelNotFound):
        await resolve(acme, "up/gpt-4.1", Power.CHAT)
    await in_thread(update_provider, acme, provider.pk, is_enabled=True)
    await resolve(acme, "up/gpt-4.1", Power.CHAT)
    await in_thread(delete_provider, acme, provider.pk)
    with pytest.raises(ModelNotFound):
        await resolve(acme, "up/gpt-4.1", Power.CHAT)


async def test_a_new_price_is_felt_by_the_next_request(acme: Actor):
    await in_thread(offer, acme)
    await resolve(acme, "gpt-4o", Power.CHAT)

    def set_price() -> None:
        price = Price.objects.create(
            organisation_id=acme.organisation_id,
            pattern="up/gpt-4o",
            starts_on="2025-01-01",
            prompt=1,
        )
        note_change(acme, "price.create", price)

    await in_thread(set_price)
    target = await resolve(acme, "gpt-4o", Power.CHAT)
    assert target.tariff is not None
    assert target.tariff.prompt == 1


async def test_a_price_that_begins_tomorrow_counts_tomorrow(
    acme: Actor, monkeypatch: pytest.MonkeyPatch
):
    await in_thread(offer, acme, "up", "o3")
    for day, prompt in (("2025-06-09", 10), ("2025-06-10", 2)):
        at = clock.now().fromisoformat(f"{day}T12:00:00+00:00")
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        target = await resolve(acme, "o3", Power.CHAT)
        assert target.tariff is not None
        assert target.tariff.prompt == prompt


async def test_another_organisations_provider_is_not_found(acme: Actor, other: Actor):
    await in_thread(offer, acme, "up", "secret-model")
    for name in ("up/secret-model", "secret-model"):
        with pytest.raises(ModelNotFound):
            await resolve(other, name, Power.CHAT)


async def test_a_crowd_shares_the_routes_in_memory(acme: Actor):
    await in_thread(offer, acme)
    targets = await asyncio.gather(*(resolve(acme, "up/gpt-4o", Power.CHAT) for _ in range(50)))
    assert len({id(target) for target in targets}) == 1


# -- the model of insights ----------------------------------------------------------------------
def test_insights_use_the_organisations_model_else_its_first_chat_model_else_builtin(acme: Actor):
    organisation = Organisation.objects.get(pk=acme.organisation_id)
    assert insight_model(organisation) == "builtin/extractive"
    offer(acme, "vectors", "text-embedding-3-small")
    assert insight_model(organisation) == "builtin/extractive"
    offer(acme, "first", "embed-x", "b", "a")
    offer(acme, "second", "c")
    assert insight_model(organisation) == "first/b"
    organisation.insight_model = "second/c"
    assert insight_model(organisation) == "second/c"


# -- lists --------------------------------------------------------------------------------------
def test_models_are_listed_with_what_is_known_of_them(acme: Actor, other: Actor):
    offer(other, "theirs", "x")
    offer(acme, "up", "meta-llama/Meta-Llama-3.1-8B-Instruct", "mystery")
    llama, mystery, *builtin = find_models(acme, Power.CHAT)
    assert llama.id == "up/meta-llama/Meta-Llama-3.1-8B-Instruct"
    assert (llama.owned_by, llama.organisation, llama.tier) == ("up", "meta-llama", "small")
    assert (llama.card.context_length, llama.card.licence) == (131072, "llama3.1")
    assert (mystery.organisation, mystery.tier, mystery.tariff) == ("up", "unlisted", None)
    assert [model.id for model in builtin] == ["builtin/extractive", "builtin/echo"]
    assert all(model.owned_by == "builtin" and model.card.description for model in builtin)


def test_models_are_listed_by_power(acme: Actor):
    offer(acme, "up", "gpt-4o", "text-embedding-3-small")
    embedders = [model.id for model in find_models(acme, Power.EMBEDDING)]
    assert embedders == ["up/text-embedding-3-small", "builtin/minilm"]


def test_a_model_is_got_by_either_name(acme: Actor, other: Actor):
    offer(acme)
    assert get_model(acme, "up/gpt-4o") == get_model(acme, "gpt-4o")
    with pytest.raises(ModelNotFound):
        get_model(other, "gpt-4o")


def test_listing_models_takes_four_queries(acme: Actor, django_assert_num_queries):
    offer(acme, "one", "a", "b")
    offer(acme, "two", "c")
    with django_assert_num_queries(4):
        find_models(acme)
