"""Admin of tenants: their settings, people, keys, and what was noted of them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminPasswordToggleWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from common import clock
from organisations import audit, members, revisions, services
from organisations.actor import SCOPES, Actor
from organisations.deeds import Deed
from organisations.models import (
    ApiKey,
    AuditEntry,
    IdempotencyRecord,
    Membership,
    Organisation,
    Revision,
    Role,
    User,
)
from organisations.reach import acting, reach
from organisations.scoping import (
    DeploymentAdmin,
    OwnedFilter,
    ReadOnly,
    ReadOnlyAdmin,
    ReadOnlyInline,
)
from organisations.served import ServedAdmin, ServedForm, Values
from organisations.telling import BADGES, tell_once

if admin.site.is_registered(Group):
    admin.site.unregister(Group)  # rights are roles here


class MembersInline(ReadOnlyInline):
    model = Membership
    fields = ("user", "role", "created_at")
    readonly_fields = fields
    verbose_name_plural = "members"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("user")


@admin.register(Organisation)
class OrganisationAdmin(ServedAdmin):
    organisation_path = "pk"
    list_display = ("slug", "name", "insight_model", "idle_timeout_seconds", "retention_days")
    search_fields = ("slug", "name")
    inlines = (MembersInline,)
    fieldsets = (
        (None, {"fields": (("slug", "name"), "is_active")}),
        (
            "Conversations",
            {"fields": (("idle_timeout_seconds", "retention_days"), "insight_model")},
        ),
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return reach(request).everywhere

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if reach(request).everywhere else ("slug", "is_active")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if not change:
            made = services.create_organisation(**form.cleaned_data)
            obj.pk, obj._state.adding = made.pk, False
            return
        obj.save()
        audit.record(
            acting(request, obj.pk), "organisation.update", obj, changed=sorted(form.changed_data)
        )
        revisions.bump(revisions.KEYS)  # one that is not active any more is refused


class UserForm(ServedForm):
    password_1 = forms.CharField(
        label="New password",
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordToggleWidget(attrs={"autocomplete": "new-password"}),
        help_text="Empty: stays as it is.",
    )

    class Meta:
        model = User
        fields = ("email", "name", "is_active", "is_staff", "is_superuser")

    def clean_password_1(self) -> str:
        password: str = self.cleaned_data["password_1"]
        if password:
            validate_password(password, self.instance)
        elif self.instance._state.adding:
            raise forms.ValidationError("A new person needs a password.")
        return password


class MembershipsInline(ReadOnlyInline):
    model = Membership
    fields = ("organisation", "role", "created_at")
    readonly_fields = fields
    verbose_name_plural = "memberships"

    def may(self, request: HttpRequest, obj: Any, least: Role) -> bool:
        return bool(reach(request, least))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("organisation")


@admin.register(User)
class UserAdmin(ServedAdmin):
    """Superusers manage accounts; others see who is in their organisations with them."""

    form = UserForm
    list_display = ("email", "name", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser")
    search_fields = ("email", "name")
    inlines = (MembershipsInline,)
    fieldsets = (
        (None, {"fields": (("email", "name"), "password_1")}),
        ("Rights", {"fields": (("is_active", "is_staff", "is_superuser"),)}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if reach(request).everywhere:
            return self.fieldsets
        return ((None, {"fields": (("email", "name"), "is_active")}),)

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = User.objects.all()
        mine = reach(request)
        if mine.everywhere:
            return rows
        shared = Membership.unscoped.filter(organisation_id__in=mine.ids)
        return rows.filter(pk__in=shared.values("user_id"))

    def may(self, request: HttpRequest, obj: Any, least: Role) -> bool:
        mine = reach(request)
        if least != Role.VIEWER or mine.everywhere:
            return mine.everywhere
        return bool(mine) and (obj is None or self.get_queryset(request).contains(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if form.cleaned_data["password_1"]:
            obj.set_password(form.cleaned_data["password_1"])
        obj.save()


class MembershipForm(ServedForm):
    email = forms.EmailField(
        widget=UnfoldAdminEmailInputWidget,
        help_text="Somebody who is new here gets an account, and a password that you see once.",
    )
    person = forms.CharField(
        label="Name", max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )


@admin.register(Membership)
class MembershipAdmin(ServedAdmin):
    writers = Role.OWNER
    form = MembershipForm
    list_display = ("user", "person", "role", "organisation", "created_at")
    list_filter = ("role", ("organisation", OwnedFilter))
    list_select_related = ("user", "organisation")
    search_fields = ("user__email", "user__name")

    @display(description="name")
    def person(self, row: Membership) -> str:
        return row.user.name or "–"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        who = ("organisation", ("email", "person"), "role")
        return ((None, {"fields": ("organisation", "user", "role") if obj else who}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("organisation", "user") if obj else ()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is not None:
            for name in ("email", "person"):
                form.base_fields.pop(name, None)
        return form

    def create_and_tell(self, request: HttpRequest, actor: Actor, values: Values) -> Membership:
        membership, password = members.take_in(
            actor, email=values["email"], name=values["person"], role=values["role"]
        )
        if password:
            tell_once(request, f"Password of {membership.user.email}:", password)
        return membership

    def change(self, actor: Actor, row: Membership, values: Values) -> None:
        if "role" in values:
            stored = Membership.unscoped.select_related("user").get(pk=row.pk)
            members.change_role(actor, stored, values["role"])

    def remove(self, actor: Actor, row: Membership) -> None:
        members.let_go(actor, row)


class ApiKeyForm(ServedForm):
    scopes = forms.MultipleChoiceField(
        choices=[(s, "everything" if s == "*" else s) for s in SCOPES],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        initial=["*"],
    )
    signs = forms.BooleanField(
        label="Signs requests",
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="For tools that speak S3: an access key, which has an id and a secret.",
    )


@admin.register(ApiKey)
class ApiKeyAdmin(ServedAdmin):
    form = ApiKeyForm
    list_display = (
        "name_or_none", "key", "state", "may_do", "last_used_at", "expires_at", "organisation",
    )  # fmt: skip
    list_filter = (("organisation", OwnedFilter),)
    list_select_related = ("organisation",)
    search_fields = ("name", "prefix")
    deeds = (
        Deed(
            name="revoke",
            label="Revoke",
            icon="block",
            danger=True,
            offered=lambda key: key.revoked_at is None,
            confirm="Every process refuses the key from now on. Revoke it?",
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        told = ("organisation", ("name", "key"), ("state", "may_do"))
        times = (("created_at", "last_used_at"), ("expires_at", "revoked_at"))
        asked = ("organisation", "name", "scopes", "signs", "expires_at")
        return ((None, {"fields": (*told, *times) if obj else asked}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        told = ("organisation", "name", "key", "state", "may_do")
        times = ("created_at", "last_used_at", "expires_at", "revoked_at")
        return (*told, *times) if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description="name", ordering="name")
    def name_or_none(self, key: ApiKey) -> str:
        return key.name or "–"

    @display(description="begins with", ordering="prefix")
    def key(self, key: ApiKey) -> str:
        return f"cq_{key.prefix}_…"

    @display(description="state", label=BADGES)
    def state(self, key: ApiKey) -> str:
        if key.revoked_at:
            return "revoked"
        return "expired" if key.expires_at and key.expires_at <= clock.now() else "active"

    @display(description="may do")
    def may_do(self, key: ApiKey) -> str:
        return "everything" if "*" in key.scopes else ", ".join(key.scopes)

    def create_and_tell(self, request: HttpRequest, actor: Actor, values: Values) -> ApiKey:
        if not values.pop("signs"):
            key, token = services.create_api_key(actor, **values)
            tell_once(request, "API key:", token)
            return key
        key, secret = services.create_access_key(actor, **values)
        tell_once(request, f"Secret of the access key {key.prefix}:", secret)
        return key

    def revoke(self, actor: Actor, key: ApiKey) -> str:
        services.revoke_api_key(key, by=actor)
        return f"The key {key} is revoked."


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    readers = Role.ADMIN
    list_display = ("at", "actor", "action", "object_type", "object_id", "organisation")
    list_filter = ("object_type", ("organisation", OwnedFilter))
    list_select_related = ("organisation",)
    search_fields = ("actor", "action", "object_id")
    date_hierarchy = "at"


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(ReadOnlyAdmin):
    """What was answered is not shown: it may be anything that a surface says."""

    readers = Role.ADMIN
    fields = ("organisation", "key", "route", "status", "created_at", "expires_at")
    list_display = ("key", "route", "status", "created_at", "expires_at", "organisation")
    list_filter = ("status", ("organisation", OwnedFilter))
    list_select_related = ("organisation",)
    search_fields = ("key", "route")


@admin.register(Revision)
class RevisionAdmin(ReadOnly, DeploymentAdmin):
    list_display = ("name", "value")
    search_fields = ("name",)
