"""Writes about upstream accounts. Each is audited and makes every process look again."""

import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from common import plugboard
from common.http import check_address
from common.secrets import Secret
from organisations import audit, revisions
from organisations.actor import Actor
from providers import catalogue
from providers.accounts import BUILTIN
from providers.models import OfferedModel, Provider
from vocabulary.errors import AddressRefused, Conflict, InvalidRequest, NotFound


def create_provider(
    actor: Actor,
    *,
    kind: str,
    name: str,
    base_url: str = "",
    api_key: str = "",
    models: Sequence[str] = (),
) -> Provider:
    """Add an upstream account that offers `models`, given by the upstream's own ids."""
    provider = Provider(
        organisation_id=actor.organisation_id,
        kind=kind,
        name=name,
        base_url=base_url,
        api_key=Secret(api_key),
        position=_next_position(actor),
    )
    _check(provider)
    with transaction.atomic():
        _save(provider)
        _offer(provider, models)
        note_change(actor, "provider.create", provider, models=list(models))
    return provider


def update_provider(
    actor: Actor,
    provider_id: uuid.UUID,
    *,
    models: Sequence[str] | None = None,
    api_key: str | None = None,
    **changes: Any,
) -> Provider:
    """Change an account's columns; `models` replaces the list of what it offers.

    A key is never sent to an address it was not given for: a new host needs it again.
    """
    with transaction.atomic():
        provider = get_provider(actor, provider_id, lock=True)
        former_host = _host(provider)
        for column, value in changes.items():
            setattr(provider, column, value)
        if api_key is not None:
            provider.api_key = Secret(api_key)
        elif provider.api_key and _host(provider) != former_host:
            raise InvalidRequest("api_key", "give the key again: it would go to another host")
        _check(provider)
        _save(provider)
        if models is not None:
            _offer(provider, models)
        note_change(actor, "provider.update", provider, changed=sorted(changes))
    return provider


def delete_provider(actor: Actor, provider_id: uuid.UUID) -> None:
    """Remove an account with what it offers; what it was used for stays in the ledger."""
    with transaction.atomic():
        provider = get_provider(actor, provider_id, lock=True)
        note_change(actor, "provider.delete", provider, name=provider.name)
        provider.delete()


def get_provider(actor: Actor, provider_id: uuid.UUID, *, lock: bool = False) -> Provider:
    rows = Provider.objects.for_organisation(actor.organisation_id)
    provider = (rows.select_for_update() if lock else rows).filter(pk=provider_id).first()
    if provider is None:
        raise NotFound(f"there is no provider '{provider_id}'")
    return provider


def note_change(actor: Actor, action: str, row: models.Model, **detail: Any) -> None:
    """Write down a change of accounts, models, facts or prices, and make it felt everywhere."""
    audit.record(actor, action, row, **detail)
    revisions.bump(revisions.PROVIDERS)


def _next_position(actor: Actor) -> int:
    """After those there are, so that the first account stays the first that is asked."""
    rows = Provider.objects.for_organisation(actor.organisation_id)
    last: int | None = rows.aggregate(last=models.Max("position"))["last"]
    return 0 if last is None else last + 1


def _check(provider: Provider) -> None:
    kinds = plugboard.names("PROVIDERS")
    if provider.kind not in kinds:
        raise InvalidRequest("kind", f"unknown kind '{provider.kind}'; there are {kinds}")
    if provider.name == BUILTIN.name:
        raise InvalidRequest("name", f"'{BUILTIN.name}' is the name of what is built in")
    if provider.base_url:
        _check_address(provider.base_url)
    elif provider.kind != BUILTIN.kind:
        raise InvalidRequest("base_url", "a base URL is needed", missing=True)
    try:
        provider.clean_fields(exclude=["organisation", "base_url", "options"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidRequest(field, messages[0]) from error


def _check_address(base_url: str) -> None:
    if urlsplit(base_url).scheme not in {"http", "https"}:
        raise InvalidRequest("base_url", "the base URL must begin with https:// or http://")
    try:
        check_address(base_url)
    except AddressRefused as error:
        raise InvalidRequest("base_url", error.message) from error


def _host(provider: Provider) -> tuple[str, str]:
    parts = urlsplit(provider.base_url)
    return parts.scheme, parts.netloc


def _save(provider: Provider) -> None:
    try:
        with transaction.atomic():
            provider.save()
    except IntegrityError as error:
        raise Conflict(f"there is a provider '{provider.name}' already") from error


def _offer(provider: Provider, ids: Sequence[str]) -> None:
    """Make the list of offered models `ids`, in their order; rows that stay keep their power."""
    wanted = list(dict.fromkeys(stripped for name in ids if (stripped := name.strip())))
    known = catalogue.load(provider.organisation_id)
    rows = OfferedModel.objects.for_organisation(provider.organisation_id).filter(provider=provider)
    rows.exclude(upstream_id__in=wanted).delete()
    for position, name in enumerate(wanted):
        rows.update_or_create(
            upstream_id=name,
            defaults={"position": position},
            create_defaults={
                "organisation_id": provider.organisation_id,
                "provider": provider,
                "position": position,
                "power": known.guess_power(f"{provider.name}/{name}"),
            },
        )
