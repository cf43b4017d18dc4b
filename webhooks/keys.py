"""Each organisation's Ed25519 pair, made when it is first needed."""

import uuid
from collections.abc import Collection, Mapping

from organisations.actor import Actor
from webhooks.models import SigningKey
from webhooks.signing import new_ed25519


def get_signing_keys(organisations: Collection[uuid.UUID]) -> Mapping[uuid.UUID, SigningKey]:
    """The key of each organisation, in one query unless one is new."""
    found = _find(organisations)
    if missing := set(organisations) - found.keys():
        fresh = [_make(organisation) for organisation in sorted(missing)]
        SigningKey.objects.bulk_create(fresh, ignore_conflicts=True)
        found = _find(organisations)
    return found


def public_key(actor: Actor) -> str:
    """Base64 of the 32 raw bytes that verify the organisation's Ed25519 signatures."""
    return get_signing_keys([actor.organisation_id])[actor.organisation_id].public


def _find(organisations: Collection[uuid.UUID]) -> dict[uuid.UUID, SigningKey]:
    rows = SigningKey.unscoped.filter(organisation_id__in=organisations)
    return {row.organisation_id: row for row in rows}


def _make(organisation: uuid.UUID) -> SigningKey:
    private, public = new_ed25519()
    return SigningKey(organisation_id=organisation, private=private, public=public)
