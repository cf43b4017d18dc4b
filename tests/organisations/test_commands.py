"""The management commands print what the contract names, and nothing else."""

import io

import pytest
from django.core.management import CommandError, call_command

from organisations.authentication import authenticate
from organisations.models import Membership, Organisation, User

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().strip()


def test_create_organisation_prints_its_slug_and_keeps_its_insight_model():
    assert run("create_organisation", "acme", "--name", "Acme", "--insight-model", "m/1") == "acme"
    assert Organisation.objects.get(slug="acme").insight_model == "m/1"


def test_create_api_key_prints_the_key_alone_and_the_key_works():
    run("create_organisation", "acme")
    token = run("create_api_key", "acme", "--scopes", "read,inference", "--expires", "2099-01-31")
    actor = authenticate(token)
    assert actor.scopes == {"read", "inference"}


def test_revoke_api_key_prints_nothing_and_the_key_is_refused():
    run("create_organisation", "acme")
    token = run("create_api_key", "acme")
    assert run("revoke_api_key", token.split("_")[1]) == ""
    with pytest.raises(Exception, match="API key"):
        authenticate(token)


def test_create_admin_without_an_organisation_may_do_everything():
    run("create_admin", "root@example.com", "--password", "long enough 1")
    assert User.objects.get(email="root@example.com").is_superuser


def test_create_admin_of_an_organisation_owns_that_one_only():
    run("create_organisation", "acme")
    run("create_admin", "boss@example.com", "--password", "long enough 1", "--organisation", "acme")
    user = User.objects.get(email="boss@example.com")
    assert not user.is_superuser
    assert Membership.unscoped.get(user=user).role == "owner"


@pytest.mark.parametrize(
    "arguments",
    [
        ("create_organisation", "Not A Slug"),
        ("create_api_key", "nobody"),
        ("revoke_api_key", "00000000"),
        ("create_admin", "a@example.com", "--password", "1"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_not_a_traceback(arguments: tuple[str, ...]):
    with pytest.raises(CommandError):
        run(*arguments)
