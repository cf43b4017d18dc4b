"""Groups: templates that run and are announced together."""

import uuid

import pytest

from common.paging import PageNumber
from insights import groups, queries, templates
from vocabulary.errors import InvalidRequest, NotFound


@pytest.fixture
def group(actor):
    return groups.create_group(actor, name="Support")


@pytest.fixture
def template(actor):
    return templates.create_template(actor, name="Resolved", instructions="Was it?")


def test_a_group_starts_empty_and_is_no_default(actor, group):
    assert queries.get_group(actor, group.id) == group
    assert (group.templates, group.is_default) == ((), False)


def test_templates_are_assigned_once_in_order_with_their_current_version(actor, group, template):
    second = templates.create_template(actor, name="Second", instructions="")
    for _ in range(2):
        groups.assign(actor, group.id, template.id)
        groups.assign(actor, group.id, second.id)
    newer = templates.update_template(actor, template.id, instructions="Was it really?")
    assert queries.get_group(actor, group.id).templates == (newer, second)


def test_a_template_is_unassigned_and_stays(actor, group, template):
    groups.assign(actor, group.id, template.id)
    groups.unassign(actor, group.id, template.id)
    groups.unassign(actor, group.id, template.id)
    assert queries.get_group(actor, group.id).templates == ()
    assert queries.get_template(actor, template.id) == template


def test_a_deleted_template_leaves_its_groups(actor, group, template):
    groups.assign(actor, group.id, template.id)
    templates.delete_template(actor, template.id)
    assert queries.get_group(actor, group.id).templates == ()


def test_a_deleted_group_leaves_its_templates(actor, group, template):
    groups.assign(actor, group.id, template.id)
    groups.delete_group(actor, group.id)
    assert queries.get_template(actor, template.id) == template
    with pytest.raises(NotFound):
        queries.get_group(actor, group.id)


def test_an_update_changes_what_it_names(actor, group):
    changed = groups.update_group(actor, group.id, webhook="https://example.com/a", is_default=True)
    assert (changed.name, changed.webhook, changed.is_default) == (
        "Support",
        "https://example.com/a",
        True,
    )


@pytest.mark.parametrize("wrong", [{"name": ""}, {"webhook": "http://127.0.0.1:1/"}])
def test_a_bad_name_or_address_is_refused(actor, group, wrong):
    with pytest.raises(InvalidRequest):
        groups.create_group(actor, **{"name": "a", **wrong})
    with pytest.raises(InvalidRequest):
        groups.update_group(actor, group.id, **wrong)


def test_groups_and_templates_of_others_do_not_exist(actor, stranger, group, template):
    theirs = groups.create_group(stranger, name="theirs")
    their_template = templates.create_template(stranger, name="theirs", instructions="")
    for verb in (groups.assign, groups.unassign):
        for who, ids in [
            (stranger, (group.id, template.id)),
            (stranger, (theirs.id, template.id)),
            (actor, (group.id, their_template.id)),
            (actor, (group.id, uuid.uuid4())),
        ]:
            with pytest.raises(NotFound):
                verb(who, *ids)
    for read in (queries.get_group, groups.update_group, groups.delete_group):
        with pytest.raises(NotFound):
            read(stranger, group.id)


def test_groups_are_listed_newest_first_in_four_queries(actor, django_assert_num_queries):
    made = [groups.create_group(actor, name=name) for name in "abc"]
    for name in "xyz":
        template = templates.create_template(actor, name=name, instructions="")
        for group in made:
            groups.assign(actor, group.id, template.id)
    with django_assert_num_queries(4):
        page = queries.list_groups(actor, PageNumber())
    assert [group.name for group in page.items] == ["c", "b", "a"]
    assert [t.name for t in page.items[0].templates] == ["x", "y", "z"]
