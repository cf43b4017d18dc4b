"""Runs: which templates are put to a conversation, when it ends and when somebody asks."""

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence

from django.db import transaction
from django.db.models import Q

from conversations.models import Conversation, EndReason
from insights.models import Group, Run, TemplateVersion, Trigger
from insights.opening import Order, open_runs
from insights.queries import current_versions, get_run, versions_by_group
from organisations import audit
from organisations.actor import Actor
from vocabulary.errors import InvalidRequest, NotFound
from webhooks.models import Event

GROUPS_KEY = "insight_group_id"


# -- when a conversation ends -------------------------------------------------------------------
def start_runs(events: Sequence[Event]) -> None:
    """Run the groups of conversations that ended; a second call for an event does nothing.

    Must be called inside a transaction. Takes a constant number of queries for an organisation.
    """
    by_organisation: dict[uuid.UUID, list[Event]] = {}
    for event in events:
        by_organisation.setdefault(event.organisation_id, []).append(event)
    for organisation_id, its_events in by_organisation.items():
        if orders := _order_all(organisation_id, its_events):
            open_runs(organisation_id, orders)


def _order_all(organisation_id: uuid.UUID, events: Sequence[Event]) -> list[Order]:
    conversations = _lock(organisation_id, {event.subject for event in events if event.subject})
    groups = _groups_of(organisation_id, conversations.values())
    wanted = {group.id for its_groups in groups.values() for group in its_groups}
    versions = versions_by_group(organisation_id, wanted)
    return [
        _order(event, group, versions.get(group.id, []))
        for event in events
        for group in groups.get(event.subject, ())
    ]


def _order(event: Event, group: Group, versions: Sequence[TemplateVersion]) -> Order:
    payload = event.payload
    return Order(
        conversation_id=uuid.UUID(payload["conversation"]["id"]),
        length=payload["conversation"]["message_count"],
        versions=versions,
        trigger=Trigger.IDLE if payload["reason"] == EndReason.IDLE else Trigger.END,
        group=group,
        cause=f"end:{payload['cause']}:{group.id}",
    )


def _lock(organisation_id: uuid.UUID, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Conversation]:
    """Those conversations that still are; their locks make generations rise one by one."""
    conversations = Conversation.objects.for_organisation(organisation_id).filter(id__in=ids)
    return {row.id: row for row in conversations.order_by("id").select_for_update()}


def _groups_of(
    organisation_id: uuid.UUID, conversations: Iterable[Conversation]
) -> dict[uuid.UUID | None, list[Group]]:
    """For each conversation the groups that its metadata names, else the organisation's default
    ones. Names that lead to no group are passed over: the conversation has ended, there is nobody
    left to tell."""
    named = {conversation.id: _named(conversation) for conversation in conversations}
    wanted = {group_id for ids in named.values() for group_id in ids or ()}
    groups = list(
        Group.objects.for_organisation(organisation_id)
        .filter(Q(is_default=True) | Q(id__in=wanted))
        .order_by("created_at")
    )
    return {
        conversation_id: [g for g in groups if (g.is_default if ids is None else g.id in ids)]
        for conversation_id, ids in named.items()
    }


def _named(conversation: Conversation) -> set[uuid.UUID] | None:
    """The ids in the conversation's metadata; None if it names nothing at all."""
    names = str(conversation.metadata.get(GROUPS_KEY, "")).split(",")
    return set(_ids(names)) if any(name.strip() for name in names) else None


def _ids(names: Iterable[str]) -> Iterator[uuid.UUID]:
    for name in names:
        try:
            yield uuid.UUID(name.strip())
        except ValueError:
            continue


# -- by hand ------------------------------------------------------------------------------------
def run_now(
    actor: Actor,
    conversation_id: uuid.UUID,
    *,
    group_id: uuid.UUID | None = None,
    template_ids: Sequence[uuid.UUID] = (),
    model: str = "",
) -> Run:
    """Run one group, or these templates, over the conversation as it stands; the answers are new
    ones in any case. Without either, it is the first group that the conversation's end would run.
    """
    with transaction.atomic():
        conversation = _lock(actor.organisation_id, [conversation_id]).get(conversation_id)
        if conversation is None:
            raise NotFound(f"there is no conversation {conversation_id}")
        group, versions = _choose(conversation, group_id, template_ids)
        order = Order(
            conversation_id=conversation.id,
            length=conversation.message_count,
            versions=versions,
            trigger=Trigger.MANUAL,
            group=group,
            model=model,
        )
        [run] = open_runs(actor.organisation_id, [order])
        audit.record(actor, "insights.run", run)
    return get_run(actor, conversation_id, run.id)


def _choose(
    conversation: Conversation, group_id: uuid.UUID | None, template_ids: Sequence[uuid.UUID]
) -> tuple[Group | None, list[TemplateVersion]]:
    if group_id and template_ids:
        raise InvalidRequest("insight_ids", "name either a group or templates, not both")
    if template_ids:
        return None, _versions_of(conversation.organisation_id, template_ids)
    group = _get_group(conversation, group_id)
    return group, versions_by_group(group.organisation_id, [group.id]).get(group.id, [])


def _versions_of(
    organisation_id: uuid.UUID, template_ids: Sequence[uuid.UUID]
) -> list[TemplateVersion]:
    wanted = dict.fromkeys(template_ids)
    current = current_versions(organisation_id).filter(template_id__in=wanted)
    found = {version.template_id: version for version in current}
    missing = [str(template_id) for template_id in wanted if template_id not in found]
    if missing:
        raise NotFound(f"there is no insight template {missing[0]}")
    return [found[template_id] for template_id in wanted]


def _get_group(conversation: Conversation, group_id: uuid.UUID | None) -> Group:
    if group_id is None:
        by_conversation = _groups_of(conversation.organisation_id, [conversation])
        assigned = by_conversation[conversation.id]
        if not assigned:
            raise InvalidRequest("insight_group_id", "no group is assigned: name one", missing=True)
        return assigned[0]
    groups = Group.objects.for_organisation(conversation.organisation_id)
    group = groups.filter(id=group_id).first()
    if group is None:
        raise NotFound(f"there is no insight group {group_id}")
    return group
