"""Writes of templates. What a model is asked lies in immutable versions: an edit of it adds one."""

import uuid
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

import orjson
from django.db import transaction

from common.http import check_address
from common.schemas import check_schema
from insights.models import Template, TemplateVersion
from insights.queries import TemplateView, get_template
from organisations import audit
from organisations.actor import Actor
from vocabulary.errors import AddressRefused, Forbidden, InvalidRequest, NotFound
from vocabulary.json import Json, JsonObject

LONGEST_NAME = 200
LONGEST_INSTRUCTIONS = 20_000
LONGEST_WEBHOOK = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a version holds. Before it is checked, `json_schema` may be JSON text of an object."""

    instructions: str = ""
    json_schema: Json = None
    model: str = ""


class Changes(TypedDict, total=False):
    """What may be changed of a template; what is left out stays."""

    name: str
    webhook: str
    instructions: str
    json_schema: Json
    model: str


def create_template(
    actor: Actor,
    *,
    name: str,
    instructions: str,
    json_schema: Json = None,
    webhook: str = "",
    model: str = "",
) -> TemplateView:
    """Make a template, at its first version."""
    check_name(name)
    check_webhook(webhook)
    wording = check_wording(
        Wording(instructions=instructions, json_schema=json_schema, model=model)
    )
    with transaction.atomic():
        template = add_template(actor.organisation_id, name=name, webhook=webhook, wording=wording)
        audit.record(actor, "template.create", template)
    return get_template(actor, template.id)


def update_template(
    actor: Actor, template_id: uuid.UUID, **changes: Unpack[Changes]
) -> TemplateView:
    """Change what is named. Another wording is another version; past results keep theirs."""
    with transaction.atomic():
        template = _get_own(actor, template_id)
        _rename(template, changes)
        _reword(template, changes)
        template.save()
        audit.record(actor, "template.update", template, changed=sorted(changes))
    return get_template(actor, template_id)


def delete_template(actor: Actor, template_id: uuid.UUID) -> None:
    """Delete it and its places in groups; past results stay."""
    with transaction.atomic():
        template = _get_own(actor, template_id)
        audit.record(actor, "template.delete", template)
        template.delete()


def add_template(
    organisation_id: uuid.UUID,
    *,
    name: str,
    wording: Wording,
    webhook: str = "",
    managed: bool = False,
) -> Template:
    """The rows of a new template whose parts were checked."""
    template = Template.objects.create(
        organisation_id=organisation_id, name=name, webhook=webhook, is_managed=managed
    )
    _add_version(template, wording)
    return template


# -- checks, shared with groups -----------------------------------------------------------------
def check_name(name: str) -> None:
    if not name.strip() or len(name) > LONGEST_NAME:
        raise InvalidRequest("name", f"must have 1 to {LONGEST_NAME} characters")


def check_webhook(url: str) -> None:
    """Raise InvalidRequest unless `url` is empty or an address that may be called."""
    if len(url) > LONGEST_WEBHOOK:
        raise InvalidRequest("webhook", f"must have at most {LONGEST_WEBHOOK} characters")
    try:
        if url:
            check_address(url)
    except AddressRefused as refusal:
        raise InvalidRequest("webhook", refusal.message) from refusal


def check_wording(wording: Wording) -> Wording:
    """The wording with its schema as an object, or InvalidRequest."""
    if len(wording.instructions) > LONGEST_INSTRUCTIONS:
        message = f"must have at most {LONGEST_INSTRUCTIONS} characters"
        raise InvalidRequest("instructions", message)
    return replace(wording, json_schema=_read_schema(wording.json_schema))


def _read_schema(given: Json) -> JsonObject | None:
    """The schema as an object. Empty text is no schema, as null is."""
    schema = _parse(given) if isinstance(given, str) and given else given or None
    if schema is None:
        return None
    check_schema(schema)
    assert isinstance(schema, dict)
    return schema


def _parse(text: str) -> Json:
    try:
        schema: Json = orjson.loads(text)
    except ValueError as error:
        raise InvalidRequest("json_schema", f"is not JSON: {error}") from error
    return schema


# -- parts of an update -------------------------------------------------------------------------
def _get_own(actor: Actor, template_id: uuid.UUID) -> Template:
    """The template, locked. Raises Forbidden for one that came with the server."""
    templates = Template.objects.for_organisation(actor.organisation_id).select_for_update()
    template = templates.filter(id=template_id).first()
    if template is None:
        raise NotFound(f"there is no insight template {template_id}")
    if template.is_managed:
        raise Forbidden("this insight template comes with the server and cannot be changed")
    return template


def _rename(template: Template, changes: Changes) -> None:
    if "name" in changes:
        check_name(changes["name"])
        template.name = changes["name"]
    if "webhook" in changes:
        check_webhook(changes["webhook"])
        template.webhook = changes["webhook"]


def _reword(template: Template, changes: Changes) -> None:
    """Add a version, if the wording is another one than the current version's."""
    version = template.versions.get(number=template.version)
    current = Wording(
        instructions=version.instructions, json_schema=version.json_schema, model=version.model
    )
    wording = check_wording(
        Wording(
            instructions=changes.get("instructions", current.instructions),
            json_schema=changes.get("json_schema", current.json_schema),
            model=changes.get("model", current.model),
        )
    )
    if wording != current:
        template.version += 1
        _add_version(template, wording)


def _add_version(template: Template, wording: Wording) -> None:
    TemplateVersion.objects.create(
        organisation_id=template.organisation_id,
        template=template,
        number=template.version,
        instructions=wording.instructions,
        json_schema=wording.json_schema,
        model=wording.model,
    )
