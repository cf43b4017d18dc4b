"""Templates: what is asked lies in versions that never change."""

import uuid

import pytest

from common.paging import PageNumber
from insights import queries, templates
from insights.managed import SHIPPED, ensure_managed
from insights.models import TemplateVersion
from organisations.models import AuditEntry
from vocabulary.errors import Forbidden, InvalidRequest, NotFound

SCHEMA = {"type": "object", "properties": {"resolved": {"type": "boolean"}}}


@pytest.fixture
def template(actor):
    return templates.create_template(actor, name="Resolved", instructions="Was it?")


def versions_of(template) -> list[TemplateVersion]:
    return list(TemplateVersion.unscoped.filter(template_id=template.id).order_by("number"))


def test_a_template_starts_at_version_one(actor, template):
    assert queries.get_template(actor, template.id) == template
    assert (template.version, template.is_managed, template.json_schema) == (1, False, None)


@pytest.mark.parametrize(
    "change", [{"instructions": "Really?"}, {"json_schema": SCHEMA}, {"model": "a/b"}]
)
def test_another_wording_is_another_version_and_the_old_one_stays(actor, template, change):
    changed = templates.update_template(actor, template.id, **change)
    assert changed.version == 2
    old, new = versions_of(template)
    assert (old.instructions, old.json_schema, old.model) == ("Was it?", None, "")
    assert {name: getattr(new, name) for name in change} == change


@pytest.mark.parametrize(
    "change",
    [{"name": "Settled"}, {"webhook": "https://example.com/a"}, {"instructions": "Was it?"}],
)
def test_another_name_or_webhook_or_the_same_wording_is_no_version(actor, template, change):
    changed = templates.update_template(actor, template.id, **change)
    assert changed.version == 1
    assert {name: getattr(changed, name) for name in change} == change
    assert len(versions_of(template)) == 1


def test_a_schema_may_come_as_json_text(actor):
    text = '{"type": "object", "properties": {"resolved": {"type": "boolean"}}}'
    made = templates.create_template(actor, name="a", instructions="", json_schema=text)
    assert made.json_schema == SCHEMA


@pytest.mark.parametrize("empty", [None, "", {}])
def test_an_empty_schema_is_none(actor, empty):
    made = templates.create_template(actor, name="a", instructions="", json_schema=empty)
    assert made.json_schema is None


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "x" * 201}),
        ("instructions", {"instructions": "x" * 20_001}),
        ("json_schema", {"json_schema": "{"}),
        ("json_schema", {"json_schema": "[]"}),
        ("json_schema", {"json_schema": [SCHEMA]}),
        ("json_schema", {"json_schema": {"type": "thing"}}),
        ("json_schema", {"json_schema": {"$ref": "https://example.com/schema"}}),
        ("webhook", {"webhook": "ftp://example.com"}),
        ("webhook", {"webhook": "http://169.254.169.254/"}),
        ("webhook", {"webhook": "https://example.com/" + "x" * 2000}),
    ],
)
def test_what_cannot_be_asked_is_refused_when_made_and_when_changed(actor, template, path, wrong):
    with pytest.raises(InvalidRequest) as made:
        templates.create_template(actor, **{"name": "a", "instructions": "", **wrong})
    with pytest.raises(InvalidRequest) as changed:
        templates.update_template(actor, template.id, **wrong)
    assert made.value.path.startswith(path)
    assert changed.value.path.startswith(path)
    assert queries.get_template(actor, template.id) == template


def test_a_managed_template_is_there_and_cannot_be_changed_or_deleted(actor, organisation):
    ensure_managed(organisation)
    ensure_managed(organisation)
    page = queries.list_templates(actor, PageNumber())
    assert {template.name for template in page.items} == set(SHIPPED)
    assert page.total == len(SHIPPED)
    for managed in page.items:
        assert managed.is_managed
        with pytest.raises(Forbidden):
            templates.update_template(actor, managed.id, name="mine")
        with pytest.raises(Forbidden):
            templates.delete_template(actor, managed.id)


def test_shipped_templates_pass_the_checks_of_others():
    for wording in SHIPPED.values():
        assert templates.check_wording(wording) == wording


def test_a_deleted_template_is_gone(actor, template):
    templates.delete_template(actor, template.id)
    with pytest.raises(NotFound):
        queries.get_template(actor, template.id)


@pytest.mark.parametrize("verb", [templates.update_template, templates.delete_template])
def test_anothers_template_and_no_template_look_alike(stranger, template, verb):
    with pytest.raises(NotFound, match=str(template.id)):
        verb(stranger, template.id)
    with pytest.raises(NotFound):
        queries.get_template(stranger, template.id)
    with pytest.raises(NotFound):
        verb(stranger, uuid.uuid4())


def test_templates_are_listed_newest_first_in_two_queries(
    actor, stranger, django_assert_num_queries
):
    made = [templates.create_template(actor, name=n, instructions="") for n in "abc"]
    templates.create_template(stranger, name="other", instructions="")
    with django_assert_num_queries(2):
        page = queries.list_templates(actor, PageNumber(number=1, size=2))
    assert list(page.items) == [made[2], made[1]]
    assert page.total == 3


def test_each_change_is_audited(actor, template):
    templates.update_template(actor, template.id, name="b", model="a/b")
    templates.delete_template(actor, template.id)
    entries = AuditEntry.objects.for_organisation(actor.organisation_id).order_by("at")
    assert [(e.action, e.detail) for e in entries] == [
        ("template.create", {}),
        ("template.update", {"changed": ["model", "name"]}),
        ("template.delete", {}),
    ]
