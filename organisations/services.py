"""Writes about tenants, their people and their keys."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from common import plugboard
from common.secrets import Secret
from organisations import audit, keys, revisions
from organisations.actor import EVERYTHING, SCOPES, Actor, system
from organisations.keys import MintedKey
from organisations.models import ApiKey, Membership, Organisation, Role, User
from vocabulary.errors import Conflict, InvalidRequest, NotFound


def create_organisation(
    slug: str, *, name: str = "", insight_model: str = "", **settings_of_it: int | None
) -> Organisation:
    """Make a tenant, with all that `FOUNDATIONS` in the plugboard gives to a new one."""
    organisation = Organisation(
        slug=slug, name=name or slug, insight_model=insight_model, **settings_of_it
    )
    try:
        organisation.full_clean()
    except ValidationError as error:
        raise InvalidRequest("slug", "; ".join(error.messages)) from error
    with transaction.atomic():
        organisation.save()
        audit.record(system(organisation.pk), "organisation.create", organisation)
        for path in settings.FOUNDATIONS:
            plugboard.load(path)(organisation)
    return organisation


def get_organisation(slug: str) -> Organisation:
    organisation = Organisation.objects.filter(slug=slug).first()
    if organisation is None:
        raise NotFound(f"there is no organisation '{slug}'")
    return organisation


def create_api_key(
    actor: Actor,
    *,
    name: str = "",
    scopes: Sequence[str] = (EVERYTHING,),
    expires_at: datetime | None = None,
) -> tuple[ApiKey, Secret]:
    """Make a key and return its text, which is never to be had again."""
    minted = keys.mint()
    key = ApiKey(name=name, scopes=list(scopes), expires_at=expires_at)
    return _add_key(actor, key, minted), minted.token


def create_access_key(
    actor: Actor,
    *,
    name: str = "",
    scopes: Sequence[str] = (EVERYTHING,),
    expires_at: datetime | None = None,
) -> tuple[ApiKey, Secret]:
    """Make a key that signs requests: its id is the row's `prefix`, its secret is returned, once.

    To check a signature the server needs the secret too, so it is kept, sealed.
    """
    minted = keys.mint()
    key = ApiKey(name=name, scopes=list(scopes), expires_at=expires_at, secret=minted.token)
    return _add_key(actor, key, minted), minted.token


def _add_key(actor: Actor, key: ApiKey, minted: MintedKey) -> ApiKey:
    """Nobody gives away more than they may themselves."""
    if unknown := [scope for scope in key.scopes if scope not in SCOPES]:
        raise InvalidRequest("scopes", f"unknown scope '{unknown[0]}'; there are {list(SCOPES)}")
    for scope in key.scopes:
        actor.require(scope)
    key.organisation_id = actor.organisation_id
    key.prefix, key.digest = minted.prefix, minted.digest
    with transaction.atomic():
        key.save(force_insert=True)
        audit.record(actor, "api_key.create", key, scopes=key.scopes)
    return key


def revoke_api_key(key: ApiKey, *, by: Actor) -> None:
    """Every process refuses the key from this commit on."""
    with transaction.atomic():
        ApiKey.unscoped.filter(pk=key.pk, revoked_at=None).update(revoked_at=Now())
        revisions.bump(revisions.KEYS)
        audit.record(by, "api_key.revoke", key)


def get_api_key(prefix: str) -> ApiKey:
    """The key with this prefix; the whole key or its `cq_…` form serve too."""
    bare = prefix.removeprefix(f"{keys.MARK}_").partition("_")[0]
    key = ApiKey.unscoped.filter(prefix=bare).first()
    if key is None:
        raise NotFound(f"there is no API key '{bare}'")
    return key


def create_admin(email: str, password: str, *, organisation: Organisation | None = None) -> User:
    """Make a person who signs in to the admin: owner of `organisation`, else of everything."""
    try:
        validate_password(password)
    except ValidationError as error:
        raise InvalidRequest("password", "; ".join(error.messages)) from error
    with transaction.atomic():
        user = _create_user(email, password, everywhere=organisation is None)
        if organisation is not None:
            add_member(organisation, user, Role.OWNER)
    return user


def add_member(organisation: Organisation, user: User, role: Role) -> Membership:
    """Give `user` a role, in place of the one there was."""
    membership, _ = Membership.unscoped.update_or_create(
        organisation=organisation, user=user, defaults={"role": role}
    )
    audit.record(system(organisation.pk), "membership.set", membership, role=role.value)
    return membership


def _create_user(email: str, password: str, *, everywhere: bool) -> User:
    try:
        with transaction.atomic():
            return User.objects.create_user(email, password, is_staff=True, is_superuser=everywhere)
    except IntegrityError as error:
        raise Conflict(f"there is a user '{email}' already") from error
