"""API keys: shape, hashing, revocation, expiry, and the one authenticator."""

from datetime import timedelta

import pytest

from common import clock
from organisations import keys, revisions
from organisations.actor import Actor, system
from organisations.authentication import Keyring, authenticate, read_token
from organisations.models import ApiKey, AuditEntry, Organisation
from organisations.services import (
    create_api_key,
    create_organisation,
    get_api_key,
    revoke_api_key,
)
from vocabulary.errors import Forbidden, InvalidRequest, Unauthenticated


@pytest.fixture
def organisation(db: None) -> Organisation:
    return create_organisation("acme")


@pytest.fixture
def owner(organisation: Organisation) -> Actor:
    return system(organisation.pk)


def test_a_minted_key_is_well_formed_and_a_mistyped_one_is_not():
    token = keys.mint().token.reveal()
    assert keys.is_well_formed(token)
    assert not keys.is_well_formed(token[:-1] + ("0" if token[-1] != "0" else "1"))
    assert not keys.is_well_formed("sk-something")


def test_neither_key_nor_secret_shows_in_a_repr():
    minted = keys.mint()
    assert minted.token.reveal() not in repr(minted)


def test_only_the_keyed_hash_is_kept(owner: Actor):
    key, token = create_api_key(owner, name="ci")
    row = ApiKey.unscoped.get(pk=key.pk)
    assert token.reveal() not in str(row.__dict__)
    assert authenticate(token.reveal()).organisation_id == owner.organisation_id


def test_last_use_is_written_down(owner: Actor):
    key, token = create_api_key(owner)
    authenticate(token.reveal())
    assert ApiKey.unscoped.get(pk=key.pk).last_used_at is not None


def test_a_revoked_key_is_refused_and_the_audit_log_says_who_did_it(owner: Actor):
    key, token = create_api_key(owner)
    revoke_api_key(get_api_key(token.reveal()[:11]), by=owner)
    with pytest.raises(Unauthenticated):
        authenticate(token.reveal())
    assert (
        AuditEntry.objects.for_organisation(owner.organisation_id)
        .filter(action="api_key.revoke", object_id=str(key.pk))
        .exists()
    )


def test_an_expired_key_is_refused(owner: Actor):
    _, token = create_api_key(owner, expires_at=clock.now() - timedelta(seconds=1))
    with pytest.raises(Unauthenticated):
        authenticate(token.reveal())


def test_a_key_of_an_inactive_organisation_is_refused(owner: Actor, organisation: Organisation):
    _, token = create_api_key(owner)
    organisation.is_active = False
    organisation.save()
    with pytest.raises(Unauthenticated):
        authenticate(token.reveal())


def test_a_key_never_mints_a_wider_key(owner: Actor):
    _, token = create_api_key(owner, scopes=["read"])
    reader = authenticate(token.reveal())
    with pytest.raises(Forbidden):
        create_api_key(reader, scopes=["write"])


def test_an_unknown_scope_is_refused(owner: Actor):
    with pytest.raises(InvalidRequest):
        create_api_key(owner, scopes=["everything"])


@pytest.mark.django_db(transaction=True)
async def test_the_live_keyring_sees_a_revocation_at_the_next_request():
    from common.db import in_thread

    organisation = await in_thread(create_organisation, "acme")
    actor = system(organisation.pk)
    key, token = await in_thread(create_api_key, actor)
    keyring = Keyring()
    assert (await keyring.authenticate(token.reveal())).key_id == key.pk
    assert (await keyring.authenticate(token.reveal())).key_id == key.pk
    await in_thread(lambda: revoke_api_key(key, by=actor))
    with pytest.raises(Unauthenticated):
        await keyring.authenticate(token.reveal())


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"authorization": "Bearer abc"}, "abc"),
        ({"authorization": "bearer  abc "}, "abc"),
        ({"api-key": "abc"}, "abc"),
        ({"authorization": "Basic abc", "api-key": "def"}, "def"),
    ],
)
def test_the_key_is_found_in_every_header_form(headers: dict[str, str], expected: str):
    assert read_token(headers, ("authorization", "api-key")) == expected


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer"}, {"authorization": "abc"}])
def test_without_a_key_nobody_is_known(headers: dict[str, str]):
    with pytest.raises(Unauthenticated):
        read_token(headers, ("authorization",))


@pytest.mark.django_db
def test_a_revision_counts_each_bump():
    before = revisions.current().get("keys", 0)
    revisions.bump("keys")
    revisions.bump("keys")
    assert revisions.current()["keys"] == before + 2
