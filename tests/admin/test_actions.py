"""Deeds and forms: what they do, through which service, and what they say when refused."""

import json

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from conversations.models import Conversation, ConversationState
from executions.models import Execution
from insights.models import Group, Result, Run, Template, TemplateVersion
from insights.templates import Wording, add_template
from organisations import revisions
from organisations.authentication import authenticate
from organisations.models import ApiKey, AuditEntry, Membership, Organisation, Role, User
from providers.models import OfferedModel, Price, Provider
from tests.admin.conftest import SignIn
from tests.admin.world import World, deed_of, list_of, page_of
from vocabulary.errors import Unauthenticated
from webhooks.models import Delivery, DeliveryState, Endpoint

SCHEMA = {"type": "object", "properties": {"resolved": {"type": "boolean"}}}


def said(answer) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def audited(world: World, action: str) -> bool:
    entries = AuditEntry.objects.for_organisation(world.organisation).filter(action=action)
    return entries.exclude(actor__startswith="system").exists()


def send(client: Client, address: str, form: dict):
    """Post a form together with the hidden fields of the page's inlines, as a browser does."""
    inlines = client.get(address).context["inline_admin_formsets"]
    hidden = {
        name: field.value()
        for inline in inlines
        for bound in [inline.formset.management_form]
        for name, field in ((bound.add_prefix(f.name), f) for f in bound)
    }
    return client.post(address, hidden | form)


# -- conversations ------------------------------------------------------------------------------
def test_end_ends_a_conversation_in_the_persons_name(acme: World, sign_in: SignIn):
    conversation = acme.row("conversations.conversation")
    answer = sign_in(acme=Role.MEMBER).post(deed_of(conversation, "end"), follow=True)
    assert answer.redirect_chain == [(page_of(conversation), 302)]
    conversation.refresh_from_db()
    assert conversation.state == ConversationState.ENDED
    assert audited(acme, "conversation.end")


def test_a_deed_is_a_post(acme: World, owner: Client):
    conversation = acme.row("conversations.conversation")
    assert owner.get(deed_of(conversation, "end")).status_code == 405
    conversation.refresh_from_db()
    assert conversation.state == ConversationState.ACTIVE


def test_a_deed_needs_the_forms_token(acme: World, owner: Client):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = owner.cookies
    address = deed_of(acme.row("conversations.conversation"), "end")
    assert strict.post(address).status_code == 403


def test_run_insights_starts_a_run(acme: World, owner: Client):
    conversation = acme.row("conversations.conversation")
    before = Run.unscoped.count()
    owner.post(deed_of(conversation, "run_insights"))
    assert Run.unscoped.count() == before + 1
    assert Run.unscoped.order_by("-pk")[0].trigger == "manual"


def test_run_insights_without_a_group_says_so(acme: World, owner: Client):
    Group.unscoped.update(is_default=False)
    answer = owner.post(deed_of(acme.row("conversations.conversation"), "run_insights"))
    assert "talk-acme" in said(answer)
    assert any(m.level_tag == "error" for m in get_messages(answer.wsgi_request))


def test_deeds_on_the_selected_rows(acme: World, owner: Client):
    conversation = acme.row("conversations.conversation")
    form = {"action": "end", "_selected_action": [str(conversation.pk)]}
    owner.post(list_of(Conversation), form)
    conversation.refresh_from_db()
    assert conversation.state == ConversationState.ENDED


def test_a_member_without_the_role_has_no_such_action(acme: World, sign_in: SignIn):
    key = acme.row("organisations.apikey")
    form = {"action": "revoke", "_selected_action": [str(key.pk)]}
    sign_in(acme=Role.MEMBER).post(list_of(ApiKey), form)
    key.refresh_from_db()
    assert key.revoked_at is None


def test_a_conversation_is_renamed_through_its_service(acme: World, owner: Client):
    conversation = acme.row("conversations.conversation")
    form = {"name": "renamed", "metadata": '{"channel": "acme", "count": 3}', "_continue": "1"}
    assert owner.post(page_of(conversation), form).status_code == 302
    conversation.refresh_from_db()
    assert (conversation.name, conversation.metadata["count"]) == ("renamed", "3")
    assert audited(acme, "conversation.update")


def test_wrong_metadata_is_said_at_its_field(acme: World, owner: Client):
    conversation = acme.row("conversations.conversation")
    answer = owner.post(page_of(conversation), {"name": "x", "metadata": "[1]"})
    assert answer.status_code == 200
    assert "must be an object" in str(answer.context["adminform"].form.errors["metadata"])
    conversation.refresh_from_db()
    assert conversation.name == "talk-acme"


def test_a_conversation_is_deleted_with_all_that_is_in_it(acme: World, sign_in: SignIn):
    conversation = acme.row("conversations.conversation")
    address = page_of(conversation).replace("/change/", "/delete/")
    assert sign_in(acme=Role.MEMBER).post(address, {"post": "yes"}).status_code == 403
    assert sign_in(acme=Role.ADMIN).post(address, {"post": "yes"}).status_code == 302
    assert not Conversation.unscoped.filter(pk=conversation.pk).exists()
    assert audited(acme, "conversation.delete")


# -- templates and groups -----------------------------------------------------------------------
def test_an_edit_of_what_is_asked_makes_a_version(acme: World, owner: Client):
    template = acme.row("insights.template")
    form = {"name": "renamed", "instructions": "And now?", "json_schema": json.dumps(SCHEMA)}
    assert send(owner, page_of(template), form).status_code == 302
    template.refresh_from_db()
    assert (template.name, template.version) == ("renamed", 2)
    versions = TemplateVersion.unscoped.filter(template=template).order_by("number")
    assert [v.instructions for v in versions] == ["How?", "And now?"]
    assert versions[1].json_schema == SCHEMA


def test_a_new_name_alone_makes_no_version(acme: World, owner: Client):
    template = acme.row("insights.template")
    send(owner, page_of(template), {"name": "renamed", "instructions": "How?"})
    template.refresh_from_db()
    assert (template.name, template.version) == ("renamed", 1)


@pytest.mark.parametrize(
    ("schema", "words"),
    [("{", "is not JSON"), ('{"type": "text"}', "json_schema"), ("[1]", "json_schema")],
)
def test_a_wrong_schema_is_said_at_its_field(schema, words, acme: World, owner: Client):
    template = acme.row("insights.template")
    form = {"name": "x", "instructions": "How?", "json_schema": schema}
    answer = send(owner, page_of(template), form)
    assert answer.status_code == 200
    errors = answer.context["adminform"].form.errors
    assert "json_schema" in errors
    assert schema in answer.context["adminform"].form["json_schema"].value()
    template.refresh_from_db()
    assert (template.name, template.version) == ("template-acme", 1)


def test_a_template_is_made(acme: World, owner: Client):
    form = {
        "organisation": str(acme.organisation.pk),
        "name": "new one",
        "instructions": "What?",
        "json_schema": "",
        "model_name": "builtin/extractive",
    }
    assert send(owner, reverse("admin:insights_template_add"), form).status_code == 302
    made = Template.unscoped.get(name="new one")
    assert made.versions.get().model == "builtin/extractive"
    assert audited(acme, "template.create")


def test_a_webhook_that_may_not_be_called_is_said_at_its_field(acme: World, owner: Client):
    form = {"name": "x", "instructions": "How?", "webhook": "http://169.254.169.254/"}
    answer = send(owner, page_of(acme.row("insights.template")), form)
    assert "webhook" in answer.context["adminform"].form.errors


def test_a_template_of_the_server_is_only_looked_at(acme: World, owner: Client):
    managed = add_template(
        acme.organisation.pk, name="managed", wording=Wording(instructions="m"), managed=True
    )
    assert owner.get(page_of(managed)).status_code == 200
    assert owner.post(page_of(managed), {"name": "x"}).status_code == 403
    address = page_of(managed).replace("/change/", "/delete/")
    assert owner.post(address, {"post": "yes"}).status_code == 403


def test_deleting_a_template_keeps_its_results(acme: World, owner: Client):
    template = acme.row("insights.template")
    owner.post(page_of(template).replace("/change/", "/delete/"), {"post": "yes"})
    assert not Template.unscoped.filter(pk=template.pk).exists()
    assert Result.unscoped.filter(template_ref=template.pk).exists()


def test_a_groups_templates_are_assigned_and_taken_out(acme: World, owner: Client):
    group, template = acme.row("insights.group"), acme.row("insights.template")
    second = add_template(acme.organisation.pk, name="second", wording=Wording(instructions="s"))
    form = {"name": "g", "description": "d", "members": [str(second.pk)]}
    assert owner.post(page_of(group), form).status_code == 302
    assert [m.template_id for m in group.members.all()] == [second.pk]
    assert Template.unscoped.filter(pk=template.pk).exists()
    assert audited(acme, "group.assign") and audited(acme, "group.unassign")


# -- webhooks -----------------------------------------------------------------------------------
def test_an_endpoints_secret_is_shown_once(acme: World, owner: Client):
    form = {
        "organisation": str(acme.organisation.pk),
        "name": "crm",
        "url": "https://crm.example/hook",
        "dialect": "standard",
        "event_types": ["insight.completed"],
    }
    shown = owner.post(reverse("admin:webhooks_endpoint_add"), form, follow=True)
    endpoint = Endpoint.unscoped.get(name="crm")
    secret = endpoint.secret.reveal()
    assert endpoint.event_types == ["insight.completed"]
    assert secret in shown.content.decode()
    assert secret not in owner.get(list_of(Endpoint)).content.decode()


def test_an_endpoints_wrong_address_is_said_at_its_field(acme: World, owner: Client):
    form = {"url": "http://10.0.0.1/", "dialect": "standard", "name": ""}
    answer = owner.post(page_of(acme.row("webhooks.endpoint")), form)
    assert "url" in answer.context["adminform"].form.errors


def test_a_rotated_secret_is_shown_once(acme: World, owner: Client):
    endpoint = acme.row("webhooks.endpoint")
    before = endpoint.secret.reveal()
    shown = owner.post(deed_of(endpoint, "rotate"), follow=True).content.decode()
    after = Endpoint.unscoped.get(pk=endpoint.pk).secret.reveal()
    assert after != before
    assert after in shown
    assert after not in owner.get(page_of(endpoint)).content.decode()
    refused = owner.post(deed_of(endpoint, "rotate"), follow=True)
    assert "less than 24 hours ago" in refused.content.decode()


def test_endpoints_are_disabled_and_enabled(acme: World, owner: Client):
    endpoint = acme.row("webhooks.endpoint")
    owner.post(deed_of(endpoint, "disable"))
    endpoint.refresh_from_db()
    assert not endpoint.is_enabled
    owner.post(deed_of(endpoint, "enable"))
    endpoint.refresh_from_db()
    assert endpoint.is_enabled


def test_a_test_that_fails_is_said(acme: World, owner: Client, settings):
    settings.ALLOW_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    endpoint = acme.row("webhooks.endpoint")
    Endpoint.unscoped.filter(pk=endpoint.pk).update(url="http://127.0.0.1:9/")
    answer = owner.post(deed_of(endpoint, "send_test"))
    assert "the test failed" in said(answer)


def test_redeliver_starts_a_round(acme: World, sign_in: SignIn):
    delivery = acme.row("webhooks.delivery")
    Delivery.unscoped.filter(pk=delivery.pk).update(state=DeliveryState.DEAD)
    member = sign_in(acme=Role.MEMBER)
    member.post(deed_of(delivery, "redeliver"))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.round) == (DeliveryState.PENDING, 2)
    form = {"action": "redeliver", "_selected_action": [str(delivery.pk)]}
    member.post(list_of(Delivery), form)
    delivery.refresh_from_db()
    assert delivery.round == 3


def test_redelivery_to_a_disabled_endpoint_is_refused_in_words(acme: World, owner: Client):
    Endpoint.unscoped.update(is_enabled=False)
    answer = owner.post(deed_of(acme.row("webhooks.delivery"), "redeliver"))
    assert "the endpoint is disabled" in said(answer)


# -- providers ----------------------------------------------------------------------------------
def models_form(*rows: dict, initial: int = 0) -> dict:
    form = {"models-TOTAL_FORMS": str(len(rows)), "models-INITIAL_FORMS": str(initial)}
    for number, row in enumerate(rows):
        form |= {f"models-{number}-{name}": value for name, value in row.items()}
    return form


def test_a_provider_is_made_with_its_models(acme: World, owner: Client):
    form = {
        "organisation": str(acme.organisation.pk),
        "name": "upstream",
        "kind": "openai",
        "base_url": "https://up.example/v1",
        "new_api_key": "sk-new",
        **models_form(
            {"upstream_id": "big", "power": "chat", "position": "0", "is_enabled": "on"},
            {"upstream_id": "emb", "power": "embedding", "position": "0", "is_enabled": "on"},
        ),
    }
    before = revisions.current().get(revisions.PROVIDERS, 0)
    assert owner.post(reverse("admin:providers_provider_add"), form).status_code == 302
    provider = Provider.unscoped.get(name="upstream")
    assert provider.api_key.reveal() == "sk-new"
    offered = OfferedModel.unscoped.filter(provider=provider).order_by("position")
    assert [(m.upstream_id, m.position) for m in offered] == [("big", 0), ("emb", 1)]
    assert {m.organisation_id for m in offered} == {acme.organisation.pk}
    assert revisions.current()[revisions.PROVIDERS] > before
    assert audited(acme, "provider.create") and audited(acme, "provider.models")


def provider_form(provider: Provider, **changes: str) -> dict:
    [model] = provider.models.all()
    row = {
        "id": str(model.pk),
        "provider": str(provider.pk),
        "upstream_id": model.upstream_id,
        "power": model.power,
        "position": "0",
        "is_enabled": "on",
    }
    return {
        "name": provider.name,
        "kind": "openai",
        "base_url": provider.base_url,
        "position": "0",
        "is_enabled": "on",
        "options": "{}",
        **models_form(row, initial=1),
        **changes,
    }


def test_an_empty_key_leaves_the_key(acme: World, owner: Client):
    provider = acme.row("providers.provider")
    assert owner.post(page_of(provider), provider_form(provider, name="other")).status_code == 302
    provider.refresh_from_db()
    assert (provider.name, provider.api_key.reveal()) == ("other", "sk-upstream-secret")


def test_a_key_does_not_follow_to_another_host(acme: World, owner: Client):
    provider = acme.row("providers.provider")
    form = provider_form(provider, base_url="https://elsewhere.example/v1")
    answer = owner.post(page_of(provider), form)
    assert "new_api_key" in answer.context["adminform"].form.errors
    provider.refresh_from_db()
    assert provider.base_url == "https://llm.acme.example/v1"
    assert owner.post(page_of(provider), {**form, "new_api_key": "sk-2"}).status_code == 302


def test_a_change_of_models_is_felt(acme: World, owner: Client):
    provider = acme.row("providers.provider")
    before = revisions.current()[revisions.PROVIDERS]
    form = provider_form(provider) | {"models-0-power": "embedding"}
    owner.post(page_of(provider), form)
    assert provider.models.get().power == "embedding"
    assert revisions.current()[revisions.PROVIDERS] > before


def test_prices_are_felt_and_noted(acme: World, owner: Client):
    before = revisions.current()[revisions.PROVIDERS]
    form = {
        "organisation": str(acme.organisation.pk),
        "pattern": "m",
        "starts_on": "2026-01-01",
        "prompt": "1.5",
        "completion": "2",
    }
    assert owner.post(reverse("admin:providers_price_add"), form).status_code == 302
    assert revisions.current()[revisions.PROVIDERS] > before
    assert audited(acme, "price.create")
    common = {**form, "organisation": ""}
    assert owner.post(reverse("admin:providers_price_add"), common).status_code == 200
    assert not Price.objects.filter(organisation=None).exists()


def test_a_superuser_sets_prices_for_all(acme: World, sign_in: SignIn):
    form = {"pattern": "m", "starts_on": "2026-01-01", "prompt": "1", "completion": "0"}
    root = sign_in(superuser=True)
    assert root.post(reverse("admin:providers_price_add"), form).status_code == 302
    assert Price.objects.get(pattern="m").organisation is None


# -- organisations ------------------------------------------------------------------------------
def test_a_new_key_is_shown_once_and_works_until_it_is_revoked(acme: World, owner: Client):
    form = {"organisation": str(acme.organisation.pk), "name": "bot", "scopes": ["read"]}
    shown = owner.post(reverse("admin:organisations_apikey_add"), form, follow=True)
    text = shown.content.decode()
    key = ApiKey.unscoped.get(name="bot")
    token = text[text.index(f"cq_{key.prefix}_") :].partition("<")[0]
    assert authenticate(token).scopes == {"read"}
    assert token not in owner.get(list_of(ApiKey)).content.decode()
    owner.post(deed_of(key, "revoke"))
    with pytest.raises(Unauthenticated):
        authenticate(token)
    assert audited(acme, "api_key.create") and audited(acme, "api_key.revoke")


def test_a_new_access_key_tells_its_id_and_its_secret_once(acme: World, owner: Client):
    form = {
        "organisation": str(acme.organisation.pk),
        "name": "tool",
        "scopes": ["read"],
        "signs": "on",
    }
    shown = owner.post(reverse("admin:organisations_apikey_add"), form, follow=True)
    key = ApiKey.unscoped.get(name="tool")
    secret = key.secret.reveal()
    assert secret and secret in shown.content.decode()
    assert f"access key {key.prefix}" in shown.content.decode()
    for page in (list_of(ApiKey), page_of(key)):
        assert secret not in owner.get(page).content.decode()


def test_keys_are_kept_as_they_were_made(acme: World, owner: Client):
    key = acme.row("organisations.apikey")
    assert owner.post(page_of(key), {"name": "renamed"}).status_code == 403


def test_an_owner_takes_somebody_in(acme: World, owner: Client):
    form = {
        "organisation": str(acme.organisation.pk),
        "email": "new@acme.example",
        "person": "New",
        "role": "member",
    }
    shown = owner.post(reverse("admin:organisations_membership_add"), form, follow=True)
    text = shown.content.decode()
    password = text.partition("cq-secret")[2].partition(">")[2].partition("<")[0]
    assert Client().login(username="new@acme.example", password=password)
    made = User.objects.get(email="new@acme.example")
    assert made.is_staff and not made.is_superuser
    again = owner.post(reverse("admin:organisations_membership_add"), form)
    assert "a member already" in again.content.decode()


def test_somebody_who_has_an_account_keeps_their_password(acme, other, owner: Client):
    form = {
        "organisation": str(acme.organisation.pk),
        "email": "PERSON@other.example",
        "role": "viewer",
    }
    shown = owner.post(reverse("admin:organisations_membership_add"), form, follow=True)
    assert 'class="cq-secret"' not in shown.content.decode().replace("'", '"')
    person = User.objects.get(email="person@other.example")
    assert person.memberships(manager="unscoped").count() == 2


def test_the_last_owner_stays(acme: World, owner: Client):
    last = Membership.unscoped.get(organisation=acme.organisation, role=Role.OWNER)
    answer = owner.post(page_of(last), {"role": "viewer"})
    assert "without an owner" in answer.content.decode()
    last.refresh_from_db()
    assert last.role == Role.OWNER


def test_roles_are_given_and_taken(acme: World, owner: Client):
    membership = acme.row("organisations.membership")
    plain = Membership.unscoped.get(
        organisation=acme.organisation, user__email="person@acme.example"
    )
    assert membership.organisation_id == plain.organisation_id
    assert owner.post(page_of(plain), {"role": "admin"}).status_code == 302
    plain.refresh_from_db()
    assert plain.role == Role.ADMIN
    owner.post(page_of(plain).replace("/change/", "/delete/"), {"post": "yes"})
    assert not Membership.unscoped.filter(pk=plain.pk).exists()


def test_an_owner_cannot_rename_the_slug_nor_switch_off(acme: World, owner: Client):
    form = {"slug": "mine", "name": "New name", "idle_timeout_seconds": "60", "insight_model": ""}
    assert send(owner, page_of(acme.organisation), form).status_code == 302
    row = Organisation.objects.get(pk=acme.organisation.pk)
    assert (row.slug, row.name, row.is_active) == ("acme", "New name", True)
    assert audited(acme, "organisation.update")


def test_a_superuser_makes_organisations_and_people(acme: World, sign_in: SignIn):
    root = sign_in(superuser=True)
    form = {"slug": "fresh", "name": "Fresh", "is_active": "on", "idle_timeout_seconds": "900"}
    assert send(root, reverse("admin:organisations_organisation_add"), form).status_code == 302
    assert Organisation.objects.filter(slug="fresh").exists()
    person = {"email": "a@b.example", "is_active": "on", "is_staff": "on", "password_1": "hunter"}
    refused = send(root, reverse("admin:organisations_user_add"), person)
    assert "password_1" in refused.context["adminform"].form.errors
    person["password_1"] = "a very long sentence"
    assert send(root, reverse("admin:organisations_user_add"), person).status_code == 302
    assert Client().login(username="a@b.example", password="a very long sentence")


def test_nobody_makes_themselves_a_superuser(acme: World, owner: Client):
    me = User.objects.get(email__startswith="acme.owner")
    form = {"email": me.email, "is_superuser": "on", "is_staff": "on", "is_active": "on"}
    assert owner.post(page_of(me), form).status_code == 403
    me.refresh_from_db()
    assert not me.is_superuser


def test_an_execution_is_cancelled(acme: World, owner: Client):
    execution = acme.row("executions.execution")
    owner.post(deed_of(execution, "cancel"))
    assert Execution.unscoped.get(pk=execution.pk).status == "cancelled"
