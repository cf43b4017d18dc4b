"""Writes of groups: templates that run together and are announced together."""

import uuid
from typing import TypedDict, Unpack

from django.db import transaction

from insights.models import Group, GroupMember
from insights.queries import GroupView, get_group, get_template
from insights.templates import check_name, check_webhook
from organisations import audit
from organisations.actor import Actor
from vocabulary.errors import NotFound


class Changes(TypedDict, total=False):
    """What may be changed of a group; what is left out stays."""

    name: str
    description: str
    webhook: str
    is_default: bool


def create_group(
    actor: Actor, *, name: str, description: str = "", webhook: str = "", is_default: bool = False
) -> GroupView:
    """Make a group without templates. A default one runs where a conversation names none."""
    check_name(name)
    check_webhook(webhook)
    with transaction.atomic():
        group = Group.objects.create(
            organisation_id=actor.organisation_id,
            name=name,
            description=description,
            webhook=webhook,
            is_default=is_default,
        )
        audit.record(actor, "group.create", group)
    return get_group(actor, group.id)


def update_group(actor: Actor, group_id: uuid.UUID, **changes: Unpack[Changes]) -> GroupView:
    """Change what is named."""
    if "name" in changes:
        check_name(changes["name"])
    if "webhook" in changes:
        check_webhook(changes["webhook"])
    with transaction.atomic():
        group = _get_locked(actor, group_id)
        for part, value in changes.items():
            setattr(group, part, value)
        group.save()
        audit.record(actor, "group.update", group, changed=sorted(changes))
    return get_group(actor, group_id)


def delete_group(actor: Actor, group_id: uuid.UUID) -> None:
    """Delete it; its templates and past runs stay."""
    with transaction.atomic():
        group = _get_locked(actor, group_id)
        audit.record(actor, "group.delete", group)
        group.delete()


def assign(actor: Actor, group_id: uuid.UUID, template_id: uuid.UUID) -> None:
    """Put a template into a group; one that is in it stays where it is."""
    with transaction.atomic():
        group = _get_locked(actor, group_id)
        get_template(actor, template_id)  # raises NotFound
        _, is_new = GroupMember.unscoped.get_or_create(
            organisation_id=actor.organisation_id, group=group, template_id=template_id
        )
        if is_new:
            audit.record(actor, "group.assign", group, template=str(template_id))


def unassign(actor: Actor, group_id: uuid.UUID, template_id: uuid.UUID) -> None:
    """Take a template out of a group; one that is not in it is out already."""
    with transaction.atomic():
        group = _get_locked(actor, group_id)
        get_template(actor, template_id)  # raises NotFound
        gone, _ = group.members.filter(template_id=template_id).delete()
        if gone:
            audit.record(actor, "group.unassign", group, template=str(template_id))


def _get_locked(actor: Actor, group_id: uuid.UUID) -> Group:
    groups = Group.objects.for_organisation(actor.organisation_id).select_for_update()
    group = groups.filter(id=group_id).first()
    if group is None:
        raise NotFound(f"there is no insight group {group_id}")
    return group
