"""Admin of webhooks: who is told, what was to be told, and how each attempt went."""

import json
from contextlib import suppress
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from common import plugboard
from organisations.actor import Actor
from organisations.deeds import Deed, DeedsAdmin
from organisations.models import Role
from organisations.scoping import OwnedFilter, ReadOnly, ReadOnlyAdmin, ReadOnlyInline
from organisations.served import ServedAdmin, ServedForm, Values
from organisations.telling import BADGES, tell_once
from vocabulary.errors import DomainError
from webhooks import services
from webhooks.models import Attempt, Delivery, Endpoint, Event, EventCounter, SigningKey

LONGEST_BODY = 20_000  # characters of a delivery's body that its page shows


class EndpointForm(ServedForm):
    class Meta:
        labels = {"url": "URL"}

    event_types = forms.MultipleChoiceField(
        choices=[(name, name) for name in services.EVENT_TYPES],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="None chosen: all of them.",
    )
    dialect = forms.ChoiceField(
        choices=lambda: [(name, name) for name in plugboard.names("WEBHOOK_DIALECTS")],
        widget=UnfoldAdminSelectWidget,
        initial="standard",
        help_text="How the body is spelled. The Standard Webhooks signature is always there.",
    )


@admin.register(Endpoint)
class EndpointAdmin(ServedAdmin):
    form = EndpointForm
    list_display = ("title", "url", "state", "told_of", "dialect", "automatic", "organisation")
    list_filter = ("is_enabled", "automatic", "dialect", ("organisation", OwnedFilter))
    list_select_related = ("organisation",)
    search_fields = ("name", "url")
    deeds = (
        Deed(
            name="send_test",
            label="Send a test",
            icon="send",
            several=False,
            main=True,
            offered=lambda endpoint: endpoint.is_enabled,
        ),
        Deed(
            name="rotate",
            label="Rotate the secret",
            icon="key",
            several=False,
            confirm="For 24 hours both secrets sign. Rotate now?",
        ),
        Deed(name="enable", label="Enable", icon="play_arrow", offered=lambda e: not e.is_enabled),
        Deed(
            name="disable",
            label="Disable",
            icon="pause",
            danger=True,
            offered=lambda endpoint: endpoint.is_enabled,
            confirm="What is waiting to be sent is cancelled. Disable it?",
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        asked = ("organisation", ("name", "url"), "dialect", "event_types")
        health = ("state", "failing_since", "disabled_reason", "previous_secret_until")
        told = [("Health", {"fields": (health[:2], health[2:])})] if obj else []
        return [(None, {"fields": asked}), *told]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        told = ("organisation", "state", "failing_since", "disabled_reason")
        return (*told, "previous_secret_until") if obj else ()

    @display(description="name", ordering="name")
    def title(self, endpoint: Endpoint) -> str:
        return endpoint.name or "–"

    @display(description="state", label=BADGES)
    def state(self, endpoint: Endpoint) -> str:
        return "enabled" if endpoint.is_enabled else "disabled"

    @display(description="told of")
    def told_of(self, endpoint: Endpoint) -> str:
        return ", ".join(endpoint.event_types) or "everything"

    def create_and_tell(self, request: HttpRequest, actor: Actor, values: Values) -> Endpoint:
        endpoint, secret = services.create_endpoint(actor, **values)
        tell_once(request, "Secret of this endpoint:", secret)
        return endpoint

    def change(self, actor: Actor, row: Endpoint, values: Values) -> None:
        services.update_endpoint(actor, row.pk, **values)

    def remove(self, actor: Actor, row: Endpoint) -> None:
        services.delete_endpoint(actor, row.pk)

    def send_test(self, actor: Actor, endpoint: Endpoint) -> str:
        tried = services.send_test(actor, endpoint.pk)
        if not tried.succeeded:
            raise DomainError(f"the test failed: {tried.status or ''} {tried.error}".strip())
        return f"The receiver answered {tried.status} after {tried.duration_ms} ms."

    def rotate(self, actor: Actor, endpoint: Endpoint) -> str:
        secret = services.rotate_secret(actor, endpoint.pk)
        text = "New secret: <code class='cq-secret'>{}</code> Copy it now: it is not shown again."
        return format_html(text, secret.reveal())

    def enable(self, actor: Actor, endpoint: Endpoint) -> str:
        services.update_endpoint(actor, endpoint.pk, is_enabled=True)
        return f"{endpoint} is enabled."

    def disable(self, actor: Actor, endpoint: Endpoint) -> str:
        services.update_endpoint(actor, endpoint.pk, is_enabled=False)
        return f"{endpoint} is disabled."


class AttemptsInline(ReadOnlyInline):
    model = Attempt
    fields = ("at", "round", "number", "status", "error", "duration_ms")
    readonly_fields = fields
    verbose_name_plural = "attempts"


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, DeedsAdmin):
    list_display = (
        "created_at", "event_type", "endpoint", "badge", "attempts", "next_attempt_at",
        "delivered_at", "organisation",
    )  # fmt: skip
    list_filter = ("state", ("endpoint", OwnedFilter), ("organisation", OwnedFilter))
    list_select_related = ("event", "endpoint", "organisation")
    search_fields = ("endpoint__url", "endpoint__name", "event__type")
    search_help_text = "An id, an endpoint's address or name, an event type"
    date_hierarchy = "created_at"
    inlines = (AttemptsInline,)
    fields = (
        ("organisation", "event", "endpoint"),
        ("badge", "round", "attempts"),
        ("created_at", "next_attempt_at", "delivered_at"),
        "sent",
    )
    readonly_fields = ("badge", "sent", "event_type")
    deeds = (
        Deed(
            name="redeliver",
            label="Redeliver",
            icon="replay",
            least=Role.MEMBER,
            main=True,
            confirm="The same bytes are sent again. Redeliver?",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        rows: QuerySet[Delivery] = super().get_queryset(request)
        match = request.resolver_match
        is_list = match is not None and (match.url_name or "").endswith("_changelist")
        return rows.defer("body") if is_list else rows

    @display(description="event", ordering="event__type")
    def event_type(self, delivery: Delivery) -> str:
        return delivery.event.type

    @display(description="state", ordering="state", label=BADGES)
    def badge(self, delivery: Delivery) -> str:
        return delivery.state

    @display(description="body")
    def sent(self, delivery: Delivery) -> str:
        """Indented, if it is JSON; the bytes that are sent are not."""
        text = bytes(delivery.body).decode(errors="replace")
        with suppress(ValueError):
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        return format_html("<pre class='cq-code'>{}</pre>", text[:LONGEST_BODY])

    def redeliver(self, actor: Actor, delivery: Delivery) -> str:
        services.redeliver(actor, delivery.pk)
        return f"The delivery to {delivery.endpoint} is under way again."


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("seq", "type", "subject", "occurred_at", "organisation")
    list_filter = ("type", ("organisation", OwnedFilter))
    list_select_related = ("organisation",)
    search_fields = ("type",)
    search_help_text = "An event's or its subject's id, or a type"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, distinct = super().get_search_results(request, queryset, search_term)
        if not found.exists() and len(search_term.strip()) >= 32:
            about = queryset.filter(subject__iexact=search_term.strip())
            return about, False
        return found, distinct


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ("at", "delivery_to", "round", "number", "status", "error", "duration_ms")
    list_filter = (("organisation", OwnedFilter),)
    list_select_related = ("delivery__endpoint",)
    search_fields = ("error", "delivery__endpoint__url")

    @display(description="endpoint")
    def delivery_to(self, attempt: Attempt) -> str:
        return str(attempt.delivery.endpoint)


@admin.register(SigningKey)
class SigningKeyAdmin(ReadOnlyAdmin):
    readers = Role.ADMIN
    fields = ("organisation", "public", "created_at")
    list_display = ("public", "organisation", "created_at")
    list_select_related = ("organisation",)
    search_fields = ("public",)


@admin.register(EventCounter)
class EventCounterAdmin(ReadOnlyAdmin):
    list_display = ("organisation", "last")
    list_select_related = ("organisation",)
    search_fields = ("organisation__slug",)
