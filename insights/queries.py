"""Reads of templates, groups and runs, each of one organisation, and the values they come as."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from common.paging import Page, PageNumber
from conversations.queries import get_conversation
from insights.models import Group, GroupMember, Run, TemplateVersion
from organisations.actor import Actor
from vocabulary.errors import NotFound
from vocabulary.json import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateView:
    """A template with its current version's text. `version` counts from 1."""

    id: uuid.UUID
    name: str
    instructions: str
    json_schema: JsonObject | None
    model: str
    webhook: str
    is_managed: bool
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """A group with its templates, in the order they were assigned."""

    id: uuid.UUID
    name: str
    description: str
    webhook: str
    is_default: bool
    created_at: datetime
    templates: tuple[TemplateView, ...]


# -- templates ----------------------------------------------------------------------------------
def get_template(actor: Actor, template_id: uuid.UUID) -> TemplateView:
    return _view_template(get_current_version(actor, template_id))


def get_current_version(actor: Actor, template_id: uuid.UUID) -> TemplateVersion:
    version = current_versions(actor.organisation_id).filter(template_id=template_id).first()
    if version is None:
        raise NotFound(f"there is no insight template {template_id}")
    return version


def list_templates(actor: Actor, page: PageNumber) -> Page[TemplateView]:
    """Newest first."""
    versions = current_versions(actor.organisation_id).order_by(
        "-template__created_at", "-template_id"
    )
    return page.cut(versions).of(lambda found: [_view_template(version) for version in found])


def current_versions(organisation_id: uuid.UUID) -> QuerySet[TemplateVersion]:
    """The version that each template is at, with its template."""
    return (
        TemplateVersion.objects.for_organisation(organisation_id)
        .filter(number=F("template__version"))
        .select_related("template")
    )


def _view_template(version: TemplateVersion) -> TemplateView:
    template = version.template
    return TemplateView(
        id=template.id,
        name=template.name,
        instructions=version.instructions,
        json_schema=version.json_schema,
        model=version.model,
        webhook=template.webhook,
        is_managed=template.is_managed,
        version=version.number,
        created_at=template.created_at,
    )


# -- groups -------------------------------------------------------------------------------------
def get_group(actor: Actor, group_id: uuid.UUID) -> GroupView:
    group = Group.objects.for_organisation(actor.organisation_id).filter(id=group_id).first()
    if group is None:
        raise NotFound(f"there is no insight group {group_id}")
    return _view_groups(actor, [group])[0]


def list_groups(actor: Actor, page: PageNumber) -> Page[GroupView]:
    """Newest first."""
    groups = Group.objects.for_organisation(actor.organisation_id)
    return page.cut(groups).of(lambda found: _view_groups(actor, found))


def versions_by_group(
    organisation_id: uuid.UUID, group_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, list[TemplateVersion]]:
    """The current versions of each group's templates, in the order they were assigned."""
    members = list(
        GroupMember.objects.for_organisation(organisation_id)
        .filter(group_id__in=group_ids)
        .values_list("group_id", "template_id")
    )
    templates = {template_id for _, template_id in members}
    current = {
        version.template_id: version
        for version in current_versions(organisation_id).filter(template_id__in=templates)
    }
    grouped: dict[uuid.UUID, list[TemplateVersion]] = {}
    for group_id, template_id in members:
        grouped.setdefault(group_id, []).append(current[template_id])
    return grouped


def _view_groups(actor: Actor, groups: Sequence[Group]) -> list[GroupView]:
    versions = versions_by_group(actor.organisation_id, [group.id for group in groups])
    return [
        GroupView(
            id=group.id,
            name=group.name,
            description=group.description,
            webhook=group.webhook,
            is_default=group.is_default,
            created_at=group.created_at,
            templates=tuple(map(_view_template, versions.get(group.id, ()))),
        )
        for group in groups
    ]


# -- runs ---------------------------------------------------------------------------------------
def get_run(actor: Actor, conversation_id: uuid.UUID, run_id: uuid.UUID) -> Run:
    """A run with its results; `insights.reports.describe` says it."""
    run = _runs(actor, conversation_id).filter(id=run_id).first()
    if run is None:
        raise NotFound(f"there is no insight run {run_id} of conversation {conversation_id}")
    return run


def list_runs(actor: Actor, conversation_id: uuid.UUID, page: PageNumber) -> Page[Run]:
    """Newest first, with their results; empty for a conversation without runs."""
    get_conversation(actor, conversation_id)
    return page.cut(_runs(actor, conversation_id))


def _runs(actor: Actor, conversation_id: uuid.UUID) -> QuerySet[Run]:
    runs = Run.objects.for_organisation(actor.organisation_id)
    return runs.filter(conversation_id=conversation_id).prefetch_related("results")
