"""The people of an organisation: taken in, given another role, let go. Called by the admin."""

import secrets

from django.db import transaction

from common.secrets import Secret
from organisations import audit
from organisations.actor import Actor
from organisations.models import Membership, Role, User
from vocabulary.errors import Conflict


def take_in(
    actor: Actor, *, email: str, role: Role, name: str = ""
) -> tuple[Membership, Secret | None]:
    """Make a person a member; a person who is new here gets a password, to be shown once."""
    with transaction.atomic():
        user = User.objects.filter(email__iexact=email).first()
        password = None if user else Secret(secrets.token_urlsafe(12))
        if password:
            user = User.objects.create_user(email, password.reveal(), name=name, is_staff=True)
        membership, is_new = Membership.unscoped.get_or_create(
            organisation_id=actor.organisation_id, user=user, defaults={"role": role}
        )
        if not is_new:
            raise Conflict(f"{email} is a member already")
        audit.record(actor, "membership.create", membership, role=str(role))
    return membership, password


def change_role(actor: Actor, membership: Membership, role: Role) -> None:
    """Raises `Conflict` where nobody would be left to own the organisation."""
    with transaction.atomic():
        if role != Role.OWNER:
            _check_not_last(membership)
        Membership.unscoped.filter(pk=membership.pk).update(role=role)
        audit.record(actor, "membership.update", membership, role=str(role))


def let_go(actor: Actor, membership: Membership) -> None:
    """End a membership; the person's account stays."""
    with transaction.atomic():
        _check_not_last(membership)
        audit.record(actor, "membership.delete", membership, user=membership.user.email)
        membership.delete()


def _check_not_last(membership: Membership) -> None:
    owners = Membership.objects.for_organisation(membership.organisation_id).filter(role=Role.OWNER)
    locked = set(owners.select_for_update().values_list("pk", flat=True))
    if locked == {membership.pk}:
        raise Conflict("the organisation would be left without an owner")
