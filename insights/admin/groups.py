"""Admin of groups: templates that run together."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelect2MultipleWidget

from insights import services
from insights.models import Group, GroupMember, Template
from insights.queries import GroupView
from organisations.actor import Actor
from organisations.models import Role
from organisations.scoping import OwnedFilter, ReadOnlyAdmin, choices_of
from organisations.served import ServedAdmin, ServedForm, Values


class GroupForm(ServedForm):
    members = forms.ModelMultipleChoiceField(
        label="Templates",
        queryset=Template.unscoped.none(),
        required=False,
        widget=UnfoldAdminSelect2MultipleWidget,
        help_text="All of them run when the group runs, each with its current version.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["members"] = list(
                self.instance.members.values_list("template_id", flat=True)
            )


@admin.register(Group)
class GroupAdmin(ServedAdmin):
    writers = Role.MEMBER
    form = GroupForm
    list_display = ("name", "size", "is_default", "webhook", "created_at", "organisation")
    list_filter = ("is_default", ("organisation", OwnedFilter))
    list_select_related = ("organisation",)
    search_fields = ("name", "description")
    fields = ("organisation", ("name", "is_default"), "description", "webhook", "members")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(templates_in=Count("members"))

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Templates of the group's own organisation; of a new one, of all that the user writes in
        (the service refuses a foreign one)."""
        form = super().get_form(request, obj, change=change, **kwargs)
        offered = choices_of(Template, request, self.writers).order_by("name")
        if obj is not None:
            offered = offered.filter(organisation_id=obj.organisation_id)
        form.base_fields["members"].queryset = offered
        return form

    @display(description="templates", ordering="templates_in")
    def size(self, group: Group) -> int:
        count: int = group.templates_in  # type: ignore[attr-defined]
        return count

    @display(description="templates")
    def members(self, group: Group) -> str:
        return ", ".join(m.template.name for m in group.members.select_related("template")) or "–"

    def create(self, actor: Actor, values: Values) -> GroupView:
        chosen = values.pop("members")
        group = services.create_group(actor, **values)
        for template in chosen:
            services.assign(actor, group.id, template.pk)
        return group

    def change(self, actor: Actor, row: Group, values: Values) -> None:
        chosen = values.pop("members", None)
        if values:
            services.update_group(actor, row.pk, **values)
        if chosen is None:
            return
        wanted = {template.pk for template in chosen}
        present = set(row.members.values_list("template_id", flat=True))
        for template_id in wanted - present:
            services.assign(actor, row.pk, template_id)
        for template_id in present - wanted:
            services.unassign(actor, row.pk, template_id)

    def remove(self, actor: Actor, row: Group) -> None:
        services.delete_group(actor, row.pk)


@admin.register(GroupMember)
class GroupMemberAdmin(ReadOnlyAdmin):
    list_display = ("group", "template", "created_at", "organisation")
    list_filter = (("organisation", OwnedFilter),)
    list_select_related = ("group", "template", "organisation")
    search_fields = ("group__name", "template__name")
