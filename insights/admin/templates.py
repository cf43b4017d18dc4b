"""Admin of templates. An edit of what is asked makes another version; the earlier ones stay."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from insights import services
from insights.models import Template, TemplateVersion
from insights.queries import TemplateView
from organisations.actor import Actor
from organisations.models import Role
from organisations.scoping import OwnedFilter, ReadOnlyAdmin, ReadOnlyInline
from organisations.served import ServedAdmin, ServedForm, Values


class TemplateForm(ServedForm):
    places = {"model": "model_name"}

    instructions = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8}),
        help_text="What to find out. {{name}} stands for that entry of a conversation's metadata.",
    )
    json_schema = forms.CharField(
        label="JSON Schema",
        required=False,
        widget=UnfoldAdminTextareaWidget(
            attrs={"rows": 16, "spellcheck": "false", "data-monospace": ""}
        ),
        help_text="What the answer looks like (draft 2020-12). Empty: the answer is text.",
    )
    model_name = forms.CharField(
        label="Model",
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text="As provider/model. Empty: the organisation's insight model.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            version = current_version(self.instance)
            self.initial.update(
                instructions=version.instructions,
                json_schema=spell(version.json_schema),
                model_name=version.model,
            )


class VersionsInline(ReadOnlyInline):
    model = TemplateVersion
    fields = ("number", "created_at", "instructions", "schema", "model")
    readonly_fields = ("number", "created_at", "instructions", "schema", "model")
    verbose_name_plural = "versions, newest first"
    per_page: int | None = 20  # type: ignore[assignment]

    @display(description="JSON Schema")
    def schema(self, version: TemplateVersion) -> str:
        return fold(version.json_schema)


@admin.register(Template)
class TemplateAdmin(ServedAdmin):
    writers = Role.MEMBER
    form = TemplateForm
    list_display = ("name", "version", "answers", "is_managed", "created_at", "organisation")
    list_filter = ("is_managed", ("organisation", OwnedFilter))
    list_select_related = ("organisation",)
    search_fields = ("name", "versions__instructions")
    inlines = (VersionsInline,)
    fieldsets = (
        (None, {"fields": ("organisation", ("name", "model_name"), "webhook")}),
        ("Asked", {"fields": ("instructions", "json_schema")}),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One that comes with the server stays as it came."""
        return not (obj and obj.is_managed) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not (obj and obj.is_managed) and super().has_delete_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("versions")

    @display(description="answers with")
    def answers(self, template: Template) -> str:
        return "text" if current_version(template).json_schema is None else "JSON"

    # What the form's own fields read as, for those who may not change them.
    @display(description="instructions")
    def instructions(self, template: Template) -> str:
        return current_version(template).instructions or "–"

    @display(description="JSON Schema")
    def json_schema(self, template: Template) -> str:
        return fold(current_version(template).json_schema, is_open=True)

    @display(description="model")
    def model_name(self, template: Template) -> str:
        return current_version(template).model or "–"

    def create(self, actor: Actor, values: Values) -> TemplateView:
        return services.create_template(actor, **_wording(values))

    def change(self, actor: Actor, row: Template, values: Values) -> None:
        services.update_template(actor, row.pk, **_wording(values))

    def remove(self, actor: Actor, row: Template) -> None:
        services.delete_template(actor, row.pk)


@admin.register(TemplateVersion)
class TemplateVersionAdmin(ReadOnlyAdmin):
    list_display = ("template", "number", "model", "created_at", "organisation")
    list_filter = (("organisation", OwnedFilter),)
    list_select_related = ("template", "organisation")
    search_fields = ("template__name", "instructions")
    fields = ("template", "number", "created_at", "instructions", "schema", "model")
    readonly_fields = ("schema",)

    @display(description="JSON Schema")
    def schema(self, version: TemplateVersion) -> str:
        return fold(version.json_schema, is_open=True)


def current_version(template: Template) -> TemplateVersion:
    """Of the versions that were loaded with the template, if they were."""
    return next(v for v in template.versions.all() if v.number == template.version)


def spell(schema: Any) -> str:
    return "" if schema is None else json.dumps(schema, indent=2, ensure_ascii=False)


def fold(schema: Any, *, is_open: bool = False) -> str:
    if schema is None:
        return "–"
    text = "<details{}><summary>show</summary><pre class='cq-code'>{}</pre></details>"
    return format_html(text, " open" if is_open else "", spell(schema))


def _wording(values: Values) -> Any:
    renamed = {"model_name": "model"}
    return {renamed.get(name, name): value for name, value in values.items()}
