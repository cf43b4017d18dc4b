"""Admin of upstream accounts, what they offer, and what models are and cost."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget

from common import plugboard
from organisations import revisions
from organisations.actor import Actor
from organisations.reach import acting, reach
from organisations.scoping import (
    DeploymentAdmin,
    OwnedFilter,
    ReadOnlyAdmin,
    ScopedAdmin,
    ScopedInline,
)
from organisations.served import ServedAdmin, ServedForm, Values
from providers import services
from providers.models import CatalogueModel, OfferedModel, Price, Provider, TunedModel


class ProviderForm(ServedForm):
    class Meta:
        labels = {"base_url": "Base URL"}

    places = {"api_key": "new_api_key"}

    kind = forms.ChoiceField(
        choices=lambda: [(name, name) for name in plugboard.names("PROVIDERS")],
        initial="openai",
        widget=UnfoldAdminSelectWidget,
        help_text="The protocol that the upstream speaks.",
    )
    new_api_key = forms.CharField(
        label="API key",
        required=False,
        strip=True,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
        help_text="Kept sealed and never shown again. Empty: stays as it is.",
    )


class OfferedModelInline(ScopedInline):
    model = OfferedModel
    fields = ("upstream_id", "power", "position", "is_enabled")
    verbose_name = "model"
    verbose_name_plural = "models"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, obj, self.writers)


@admin.register(Provider)
class ProviderAdmin(ServedAdmin):
    form = ProviderForm
    list_display = ("name", "kind", "base_url", "has_key", "is_enabled", "position", "organisation")
    list_filter = ("kind", "is_enabled", ("organisation", OwnedFilter))
    list_select_related = ("organisation",)
    search_fields = ("name", "base_url", "models__upstream_id")
    inlines = (OfferedModelInline,)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        more = (("position", "is_enabled"), "options") if obj else ()
        fields = ("organisation", ("name", "kind"), "base_url", "new_api_key", *more)
        return ((None, {"fields": fields}),)

    @display(description="key", boolean=True)
    def has_key(self, provider: Provider) -> bool:
        return bool(provider.api_key)

    def create(self, actor: Actor, values: Values) -> Provider:
        return services.create_provider(
            actor,
            kind=values["kind"],
            name=values["name"],
            base_url=values["base_url"],
            api_key=values["new_api_key"],
        )

    def change(self, actor: Actor, row: Provider, values: Values) -> None:
        key = values.pop("new_api_key", "") or None
        services.update_provider(actor, row.pk, api_key=key, **values)

    def remove(self, actor: Actor, row: Provider) -> None:
        services.delete_provider(actor, row.pk)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:
        """The models, in the order of the page where no position was given."""
        provider: Provider = form.instance
        for position, model in enumerate(formset.save(commit=False)):
            model.organisation_id = provider.organisation_id
            if model._state.adding and not model.position:
                model.position = position
            model.save()
        for model in formset.deleted_objects:
            model.delete()
        if formset.has_changed():
            actor = acting(request, provider.organisation_id)
            names = list(provider.models.values_list("upstream_id", flat=True))
            services.note_change(actor, "provider.models", provider, models=names)


@admin.register(OfferedModel)
class OfferedModelAdmin(ScopedAdmin):
    """The same rows as on the pages of their accounts, where they are changed."""

    list_display = ("upstream_id", "provider", "power", "is_enabled", "organisation")
    list_filter = ("power", "is_enabled", ("provider", OwnedFilter), ("organisation", OwnedFilter))
    list_select_related = ("provider", "organisation")
    search_fields = ("upstream_id", "provider__name")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(TunedModel)
class TunedModelAdmin(ReadOnlyAdmin):
    empty_hint = "A fine-tuning job that succeeds makes a model."
    list_display = ("name", "base_model", "provider", "created_at", "organisation")
    list_filter = (("provider", OwnedFilter), ("organisation", OwnedFilter))
    list_select_related = ("provider", "organisation")
    search_fields = ("name", "base_model", "upstream_id")
    search_help_text = "An id, a name, a base model"
    fields = (("organisation", "name"), ("base_model", "provider"), "tells_apart", "created_at")
    readonly_fields = ("tells_apart", "created_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("provider").defer("weights")

    @display(description="tells apart")
    def tells_apart(self, model: TunedModel) -> str:
        return ", ".join(map(str, model.labels)) or "–"


class Felt:
    """Facts and prices are kept in memory by every process: a change makes them look again."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)  # type: ignore[misc]
        self._note(request, "update" if change else "create", obj)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._note(request, "delete", obj)
        super().delete_model(request, obj)  # type: ignore[misc]

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def _note(self, request: HttpRequest, verb: str, row: Any) -> None:
        """Logs are organisations' own: of a row of the whole deployment the change is only felt."""
        owner = getattr(row, "organisation_id", None)
        if owner is None:
            revisions.bump(revisions.PROVIDERS)
            return
        action = f"{row._meta.model_name}.{verb}"
        services.note_change(acting(request, owner), action, row)


@admin.register(CatalogueModel)
class CatalogueModelAdmin(Felt, DeploymentAdmin):
    list_display = (
        "pattern", "organisation_name", "power", "context_length", "calls_tools", "writes_schema",
    )  # fmt: skip
    list_filter = ("power", "calls_tools", "writes_schema", "sees_images")
    search_fields = ("pattern", "organisation_name")


@admin.register(Price)
class PriceAdmin(Felt, ScopedAdmin):
    """USD for a million tokens. Superusers also see and set those for all organisations."""

    list_display = ("pattern", "starts_on", "input", "output", "cached", "for_whom")
    list_filter = (("organisation", OwnedFilter),)
    list_select_related = ("organisation",)
    search_fields = ("pattern",)
    fields = (
        "organisation",
        ("pattern", "starts_on"),
        ("prompt", "completion", "cached_prompt"),
    )

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["required"] = not reach(request).everywhere
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description="prompt", ordering="prompt")
    def input(self, price: Price) -> str:
        return _usd(price.prompt)

    @display(description="completion", ordering="completion")
    def output(self, price: Price) -> str:
        return _usd(price.completion)

    @display(description="cached prompt", ordering="cached_prompt")
    def cached(self, price: Price) -> str:
        return "–" if price.cached_prompt is None else _usd(price.cached_prompt)

    @display(description="for", ordering="organisation__slug")
    def for_whom(self, price: Price) -> str:
        return str(price.organisation or "all organisations")


def _usd(amount: Decimal) -> str:
    return f"${amount.normalize():f}"
