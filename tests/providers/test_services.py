"""Upstream accounts are made, changed and removed, with a trace of each."""

import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from organisations.actor import Actor, system
from organisations.models import AuditEntry, Organisation
from providers.models import OfferedModel, Power, Provider
from providers.services import create_provider, delete_provider, get_provider, update_provider
from vocabulary.errors import Conflict, InvalidRequest, NotFound

pytestmark = pytest.mark.django_db

URL = "https://api.example.com/v1"


@pytest.fixture
def acme() -> Actor:
    return system(Organisation.objects.create(slug="acme", name="Acme").pk)


def create(actor: Actor, **changes) -> Provider:
    values = {"kind": "openai", "name": "up", "base_url": URL, "api_key": "sk-1", "models": ["a"]}
    return create_provider(actor, **{**values, **changes})


def offered(actor: Actor) -> list[tuple[str, str]]:
    rows = OfferedModel.objects.for_organisation(actor.organisation_id)
    return [(row.upstream_id, row.power) for row in rows]


def test_a_provider_offers_its_models_in_order_with_their_power_guessed(acme: Actor):
    create(acme, models=["b", " text-embedding-3-small ", "a", "b", ""])
    assert offered(acme) == [
        ("b", Power.CHAT),
        ("text-embedding-3-small", Power.EMBEDDING),
        ("a", Power.CHAT),
    ]


def test_the_key_is_sealed_in_its_row(acme: Actor):
    provider = create(acme, api_key="sk-very-secret")
    assert "sk-very-secret" not in str(Provider.unscoped.values_list("api_key").get())
    assert get_provider(acme, provider.pk).api_key.reveal() == "sk-very-secret"


def test_each_change_leaves_an_audit_entry_without_secrets(acme: Actor):
    provider = create(acme)
    update_provider(acme, provider.pk, api_key="sk-2", position=3)
    delete_provider(acme, provider.pk)
    entries = AuditEntry.objects.for_organisation(acme.organisation_id).order_by("at")
    assert [entry.action for entry in entries] == [
        "provider.create",
        "provider.update",
        "provider.delete",
    ]
    assert all(entry.object_id == str(provider.pk) for entry in entries)
    assert not any("sk-" in str(entry.detail) for entry in entries)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"kind": "pigeon"}, "kind"),
        ({"name": "builtin"}, "name"),
        ({"name": "no spaces"}, "name"),
        ({"name": ""}, "name"),
        ({"base_url": ""}, "base_url"),
        ({"base_url": "ftp://example.com"}, "base_url"),
        ({"base_url": "http://169.254.169.254/latest"}, "base_url"),
        ({"base_url": "http://127.0.0.1:9000"}, "base_url"),
    ],
)
def test_a_bad_account_is_refused_at_its_place(acme: Actor, changes: dict[str, str], path: str):
    with pytest.raises(InvalidRequest) as caught:
        create(acme, **changes)
    assert caught.value.path == path
    assert offered(acme) == []


def test_a_name_is_taken_once_in_an_organisation(acme: Actor):
    create(acme)
    with pytest.raises(Conflict, match="up"):
        create(acme)
    create(system(Organisation.objects.create(slug="other", name="Other").pk))


def test_models_that_stay_keep_their_power_and_take_the_new_order(acme: Actor):
    provider = create(acme, models=["a", "b", "c"])
    rows = OfferedModel.objects.for_organisation(acme.organisation_id)
    rows.filter(upstream_id="b").update(power=Power.EMBEDDING)
    update_provider(acme, provider.pk, models=["d", "b"])
    assert offered(acme) == [("d", Power.CHAT), ("b", Power.EMBEDDING)]


def test_a_key_is_not_sent_to_a_host_it_was_not_given_for(acme: Actor):
    provider = create(acme)
    with pytest.raises(InvalidRequest) as caught:
        update_provider(acme, provider.pk, base_url="https://elsewhere.example.com/v1")
    assert caught.value.path == "api_key"
    update_provider(acme, provider.pk, base_url="https://api.example.com/v2")
    update_provider(acme, provider.pk, base_url="https://elsewhere.example.com", api_key="sk-2")
    assert get_provider(acme, provider.pk).api_key.reveal() == "sk-2"


def test_another_organisations_provider_is_not_found(acme: Actor):
    provider = create(acme)
    other = system(Organisation.objects.create(slug="other", name="Other").pk)
    with pytest.raises(NotFound) as foreign:
        update_provider(other, provider.pk, position=1)
    with pytest.raises(NotFound):
        delete_provider(other, provider.pk)
    unknown = uuid.uuid4()
    with pytest.raises(NotFound) as absent:
        delete_provider(other, unknown)
    assert foreign.value.message.replace(str(provider.pk), str(unknown)) == absent.value.message


# -- the command --------------------------------------------------------------------------------
def run(*arguments: str) -> str:
    out = StringIO()
    call_command("create_provider", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_the_id_alone(acme: Actor):
    printed = run(
        "acme", "--kind=openai", "--name=up", f"--base-url={URL}", "--api-key=k", "--models=a,b"
    )
    assert get_provider(acme, uuid.UUID(printed.strip())).name == "up"
    assert [name for name, _ in offered(acme)] == ["a", "b"]


@pytest.mark.parametrize(
    ("organisation", "kind", "message"),
    [("nobody", "openai", "no organisation 'nobody'"), ("acme", "pigeon", "unknown kind 'pigeon'")],
)
def test_the_command_names_what_it_does_not_know(
    acme: Actor, organisation: str, kind: str, message: str
):
    with pytest.raises(CommandError, match=message):
        run(organisation, f"--kind={kind}", "--name=up", f"--base-url={URL}")
