"""Who sees what, generated over every registered page: nothing of another organisation, ever."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from organisations.models import Membership, Organisation, Role, User
from organisations.scoping import DeploymentAdmin, Scoped, ScopedAdmin
from tests.admin.conftest import SignIn
from tests.admin.world import World, deed_of, key_of, list_of, page_of, pages

OURS = {
    "conversations", "executions", "files", "insights", "jobs", "knowledge", "organisations",
    "providers", "usage", "webhooks",
}  # fmt: skip
PAGES = {page.opts.label_lower: page for page in pages()}
OWNED = sorted(label for label, page in PAGES.items() if not isinstance(page, DeploymentAdmin))
COMMON = sorted(PAGES.keys() - OWNED)
NO_LIST = {"organisations.user", "organisations.organisation"}


def test_every_table_has_a_page():
    registered = set(admin.site._registry)
    own = {model for model in apps.get_models() if model._meta.app_label in OURS}
    assert own <= registered


@pytest.mark.parametrize("label", sorted(PAGES))
def test_every_page_is_scoped_searchable_and_bounded(label):
    page = PAGES[label]
    assert isinstance(page, ScopedAdmin)
    assert page.search_fields
    assert page.show_full_result_count is False
    assert all(isinstance(inline(page.model, admin.site), Scoped) for inline in page.inlines)


@pytest.mark.parametrize("label", sorted(PAGES))
def test_a_page_owned_by_organisations_is_not_of_the_deployment(label):
    has_owner = hasattr(PAGES[label].model, "organisation") or label in NO_LIST
    assert has_owner == (label in OWNED)


def test_a_member_finds_only_their_organisations_rows(acme: World, other: World, owner):
    for label in OWNED:
        shown = owner.get(list_of(PAGES[label].model))
        assert shown.status_code == 200, label
        keys = {str(row.pk) for row in shown.context["cl"].queryset}
        assert str(acme.row(label).pk) in keys, label
        assert str(other.row(label).pk) not in keys, label
        assert not _tells(shown, "other"), label


def test_a_foreign_row_has_no_page(acme: World, other: World, owner):
    for label in OWNED:
        address = page_of(other.row(label))
        answers = [owner.get(address), owner.post(address, {"name": "mine"})]
        answers += [owner.get(address.replace("/change/", "/delete/"))]
        answers += [owner.get(address.replace("/change/", "/history/"))]
        for answer in answers:
            assert answer.status_code in (302, 403, 404), label
            assert not _tells(answer, "other"), label


def test_a_foreign_row_is_not_found_by_search(acme: World, other: World, owner):
    for label in OWNED:
        for words in (str(other.row(label).pk), "other"):
            shown = owner.get(list_of(PAGES[label].model), {"q": words})
            assert shown.status_code == 200, label
            assert not shown.context["cl"].queryset.exists(), label


def test_forms_and_filters_offer_no_foreign_rows(acme: World, other: World, owner):
    """Choices of related rows: in the filters of the list, and in the forms."""
    for label in OWNED:
        page = PAGES[label]
        for address in (list_of(page.model), page_of(acme.row(label))):
            assert not _tells(owner.get(address), "other"), label
        add = owner.get(reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_add"))
        assert add.status_code in (200, 403), label
        assert not _tells(add, "other"), label


def test_rows_of_the_deployment_are_for_superusers(owner, sign_in: SignIn):
    root = sign_in(superuser=True)
    for label in COMMON:
        address = list_of(PAGES[label].model)
        assert owner.get(address).status_code == 403, label
        assert root.get(address).status_code == 200, label


def test_who_belongs_nowhere_sees_nothing(sign_in: SignIn, acme: World):
    nobody = sign_in()
    for label, page in PAGES.items():
        assert nobody.get(list_of(page.model)).status_code == 403, label


@pytest.mark.parametrize(
    "deed",
    [
        ("conversations.conversation", "end"),
        ("conversations.conversation", "run_insights"),
        ("webhooks.delivery", "redeliver"),
        ("webhooks.endpoint", "rotate"),
        ("webhooks.endpoint", "disable"),
        ("organisations.apikey", "revoke"),
        ("executions.execution", "cancel"),
    ],
)
def test_a_deed_on_a_foreign_row_is_a_deed_on_nothing(deed, other: World, owner):
    label, name = deed
    assert owner.post(deed_of(other.row(label), name)).status_code == 404
    model = PAGES[label].model
    owner.post(list_of(model), {"action": name, "_selected_action": [str(other.row(label).pk)]})
    assert key_of(other).revoked_at is None
    other.row("webhooks.endpoint").refresh_from_db()
    assert other.row("webhooks.endpoint").is_enabled


def test_a_role_counts_in_its_own_organisation(acme: World, other: World, sign_in: SignIn):
    """Owner of one and viewer of the other: sees both, writes in one."""
    both = sign_in(acme=Role.OWNER, other=Role.VIEWER)
    key = other.row("organisations.apikey")
    assert both.get(page_of(other.row("conversations.conversation"))).status_code == 200
    assert both.post(deed_of(key, "revoke")).status_code == 404
    both.post(
        list_of(type(key)), {"action": "revoke", "_selected_action": [str(key.pk)]}, follow=True
    )
    assert key_of(other).revoked_at is None
    form = both.get(reverse("admin:organisations_apikey_add"))
    assert "name-other" not in form.content.decode()
    made = both.post(
        reverse("admin:organisations_apikey_add"),
        {"organisation": str(other.organisation.pk), "name": "x", "scopes": ["*"]},
    )
    assert made.status_code == 200 and made.context["errors"]


def test_a_template_does_not_enter_a_foreign_group(acme: World, other: World, sign_in: SignIn):
    both = sign_in(acme=Role.OWNER, other=Role.OWNER)
    group, template = acme.row("insights.group"), other.row("insights.template")
    form = {"name": "g", "members": [str(template.pk)], "description": "", "webhook": ""}
    assert both.post(page_of(group), form).status_code == 200
    assert not group.members.filter(template=template).exists()
    new = {**form, "organisation": str(acme.organisation.pk)}
    refused = both.post(reverse("admin:insights_group_add"), new)
    assert refused.status_code == 200
    assert "there is no insight template" in refused.content.decode()


@pytest.mark.parametrize(
    ("label", "question"),
    [
        ("organisations.user", "password__startswith"),
        ("organisations.apikey", "digest__startswith"),
        ("providers.provider", "api_key__startswith"),
        ("webhooks.endpoint", "secret__startswith"),
        ("webhooks.delivery", "endpoint__secret__startswith"),
        ("organisations.membership", "user__password__startswith"),
    ],
)
def test_no_query_string_asks_about_secrets(label, question, owner):
    answer = owner.get(list_of(PAGES[label].model), {question: "a"})
    assert answer.status_code == 400 or answer["Location"].endswith("?e=1")


def test_people_of_other_organisations_are_not_to_be_seen(acme: World, other: World, owner):
    assert owner.get(page_of(acme.row("organisations.user"))).status_code == 200
    stranger = User.objects.get(email="person@other.example")
    assert owner.get(page_of(stranger)).status_code in (302, 404)


def test_an_account_of_two_organisations_shows_only_the_shared_one(acme, other, owner: Client):
    person = acme.row("organisations.user")
    Membership.unscoped.create(
        organisation=Organisation.objects.get(slug="other"), user=person, role=Role.OWNER
    )
    shown = owner.get(page_of(person)).content.decode()
    assert ">acme<" in shown
    assert ">other<" not in shown


def _tells(answer, slug: str) -> bool:
    """Whether a page names anything of the organisation `slug`."""
    text = answer.content.decode()
    names = ("name", "talk", "key", "template", "group", "endpoint", "provider", "person", "kind")
    return any(f"{name}-{slug}" in text for name in names) or f"@{slug}.example" in text
