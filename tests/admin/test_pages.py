"""Every page answers, at a price that does not grow with the rows, and to the right people."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conversations.models import Conversation
from conversations.services import create_conversation
from insights import services as insights
from insights.models import Run
from jobs.models import Job
from organisations.models import Role
from organisations.scoping import DeploymentAdmin
from organisations.services import create_organisation
from tests.admin.conftest import SignIn
from tests.admin.world import SECRET, World, list_of, page_of, pages
from usage.models import UsageRecord
from webhooks.models import Delivery, Endpoint


def add_of(page: Any) -> str:
    return reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_add")


def test_every_page_answers_an_owner(acme: World, owner: Client):
    for page in pages():
        if isinstance(page, DeploymentAdmin):
            continue
        label = page.opts.label_lower
        assert owner.get(list_of(page.model)).status_code == 200, label
        assert owner.get(page_of(acme.row(label))).status_code == 200, label
        assert owner.get(add_of(page)).status_code in (200, 403), label


def test_every_page_answers_a_superuser(acme: World, sign_in: SignIn):
    root = sign_in(superuser=True)
    for page in pages():
        assert root.get(list_of(page.model)).status_code == 200, page
        assert root.get(add_of(page)).status_code in (200, 403), page
        if page.opts.label_lower in acme.rows:
            assert root.get(page_of(acme.row(page.opts.label_lower))).status_code == 200, page


def test_a_viewer_looks_and_writes_nothing(acme: World, sign_in: SignIn):
    viewer = sign_in(acme=Role.VIEWER)
    seen = 0
    for page in pages():
        row = acme.rows.get(page.opts.label_lower)
        if row is None or viewer.get(page_of(row)).status_code != 200:
            continue
        seen += 1
        assert viewer.post(page_of(row), {"name": "changed"}).status_code == 403, page
        assert viewer.post(add_of(page), {"name": "new"}).status_code == 403, page
        gone = viewer.post(page_of(row).replace("/change/", "/delete/"), {"post": "yes"})
        assert gone.status_code == 403, page
        for deed in getattr(page, "deeds", ()):
            address = f"{page_of(row).removesuffix('change/')}do/{deed.name}"
            assert viewer.post(address).status_code == 404, deed
        assert "cq-button" not in viewer.get(page_of(row)).content.decode(), page
    assert seen > 15


def test_a_member_writes_templates_but_no_providers(acme: World, sign_in: SignIn):
    member = sign_in(acme=Role.MEMBER)
    assert member.get(reverse("admin:insights_template_add")).status_code == 200
    for name in ("providers_provider", "webhooks_endpoint", "organisations_apikey"):
        assert member.get(reverse(f"admin:{name}_add")).status_code == 403
    assert member.get(reverse("admin:organisations_auditentry_changelist")).status_code == 403


def test_an_admin_takes_nobody_in(acme: World, sign_in: SignIn):
    address = reverse("admin:organisations_membership_add")
    assert sign_in(acme=Role.ADMIN).get(address).status_code == 403


def test_no_page_shows_a_secret(acme: World, owner: Client):
    endpoint = Endpoint.unscoped.get(pk=acme.row("webhooks.endpoint").pk)
    key = acme.row("organisations.apikey")
    secrets = [SECRET, endpoint.secret.reveal(), key.digest]
    for label in ("providers.provider", "webhooks.endpoint", "organisations.apikey"):
        row = acme.row(label)
        for address in (page_of(row), list_of(type(row))):
            text = owner.get(address).content.decode()
            assert not [secret for secret in secrets if secret in text]
            assert "sealed:" not in text


def test_passwords_are_on_no_page(acme: World, sign_in: SignIn):
    person = acme.row("organisations.user")
    for client in (sign_in(superuser=True), sign_in(acme=Role.OWNER)):
        assert person.password not in client.get(page_of(person)).content.decode()


@pytest.mark.parametrize("model", [Conversation, Delivery, Job, Run, UsageRecord])
def test_a_list_costs_the_same_with_many_rows(model, acme: World, owner: Client):
    address = list_of(model)
    owner.get(address)
    few = _queries(owner, address)
    for number in range(5):
        _more(acme, number)
    assert _queries(owner, address) <= few


def test_a_conversation_list_costs_eight_queries(acme: World, owner: Client):
    """Session, user, memberships, filter choices, days, count, rows."""
    assert _queries(owner, list_of(Conversation)) <= 11


def test_every_list_costs_the_same_with_two_organisations_more(acme: World, sign_in: SignIn):
    root = sign_in(superuser=True)
    before = {page: _queries(root, list_of(page.model)) for page in pages()}
    for slug in ("one", "two"):
        create_organisation(slug)
    for page, count in before.items():
        assert _queries(root, list_of(page.model)) <= count + 2, page  # a filter has choices now


def test_the_dashboard_answers_owners_superusers_and_strangers(acme: World, sign_in: SignIn):
    create_organisation("other", name="name-other")
    shown = sign_in(acme=Role.VIEWER).get(reverse("admin:index"))
    assert "name-acme" in shown.content.decode()
    assert "name-other" not in shown.content.decode()
    assert "demonstration quality" not in shown.content.decode()
    everything = sign_in(superuser=True).get(reverse("admin:index")).content.decode()
    assert "name-other" in everything
    assert "demonstration quality" in everything
    nothing = sign_in().get(reverse("admin:index"))
    assert "member of no organisation" in nothing.content.decode()


def test_the_dashboard_shows_no_foreign_organisation_by_name(acme: World, other: World, owner):
    shown = owner.get(reverse("admin:index"), {"organisation": "other"}).content.decode()
    assert "There is no such organisation" in shown
    assert "name-other" not in shown


def test_the_dashboards_cost_does_not_grow(acme: World, owner: Client):
    owner.get(reverse("admin:index"))
    few = _queries(owner, reverse("admin:index"))
    for number in range(5):
        _more(acme, number)
    assert _queries(owner, reverse("admin:index")) == few <= 16


def test_the_sidebar_offers_what_may_be_looked_at(acme: World, sign_in: SignIn):
    viewer = sign_in(acme=Role.VIEWER).get(reverse("admin:index")).content.decode()
    assert reverse("admin:conversations_conversation_changelist") in viewer
    for name in ("jobs_worker", "providers_cataloguemodel", "organisations_auditentry"):
        assert reverse(f"admin:{name}_changelist") not in viewer


def test_signing_in_leads_to_the_dashboard(acme: World):
    person = acme.row("organisations.user")
    person.is_staff = True
    person.set_password("long enough")
    person.save()
    client = Client()
    form = {"username": person.email, "password": "long enough"}
    assert client.post(reverse("admin:login"), form).url == reverse("admin:index")


def test_django_s_own_groups_are_not_used():
    assert "auth" not in {model._meta.app_label for model in admin.site._registry}


def _more(world: World, number: int) -> None:
    conversation = create_conversation(world.actor, name=f"more-{number}")
    insights.run_now(world.actor, conversation.pk, group_id=world.row("insights.group").pk)
    UsageRecord.objects.create(
        organisation=world.organisation, purpose="chat", requested_model="m", model="m"
    )
    Job.objects.create(organisation=world.organisation, kind=f"more-{number}")
    endpoint = Endpoint.objects.create(
        organisation=world.organisation, url=f"https://{number}.example"
    )
    Delivery.objects.create(
        organisation=world.organisation,
        event=world.row("webhooks.event"),
        endpoint=endpoint,
        body=b"{}",
    )


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)
