"""The append-only log of who did what, written in the transaction that did it."""

from django.db import models

from organisations.actor import Actor
from organisations.models import AuditEntry
from vocabulary.json import Json


def record(actor: Actor, action: str, obj: models.Model, **detail: Json) -> None:
    """Add one entry. `detail` names what changed; it never holds secrets or message texts."""
    AuditEntry.objects.create(
        organisation_id=actor.organisation_id,
        actor=actor.name,
        action=action,
        object_type=obj._meta.model_name or "",
        object_id=str(obj.pk),
        detail=detail,
    )
