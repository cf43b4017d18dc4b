"""The bases of admin pages: members see their organisations' rows, and do what their role may."""

import uuid
from functools import cached_property, reduce
from operator import or_
from typing import Any, ClassVar, cast

from django.contrib.admin import ModelAdmin as DjangoModelAdmin
from django.contrib.admin import RelatedFieldListFilter
from django.contrib.admin.options import ActionLocation
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from organisations.models import Organisation, Role, User
from organisations.reach import Reach, reach

MOST_COUNTED = 10_000
SECRETS = frozenset(
    {"password", "digest", "fingerprint", "api_key", "secret", "previous_secret", "private"}
)
"""Columns that no query string may ask about: yes and no, often enough, spell them out."""


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than the pages that somebody may turn to."""

    @cached_property
    def count(self) -> int:
        rows = cast("models.QuerySet[Any]", self.object_list)
        return rows.order_by()[:MOST_COUNTED].count()


class OwnedFilter(RelatedFieldListFilter):
    """A filter by a related row that offers those of the user's organisations alone."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        ordering = self.field_admin_ordering(field, request, model_admin)
        chosen = {"id__in": choices_of(field.remote_field.model, request).values("pk")}
        return field.get_choices(include_blank=False, ordering=ordering, limit_choices_to=chosen)


def choices_of(
    model: type[models.Model], request: HttpRequest, least: Role = Role.VIEWER
) -> models.QuerySet[Any]:
    """The rows of `model` that may be offered to whoever sends `request`."""
    mine = reach(request, least)
    if model is Organisation:
        return mine.narrow(Organisation.objects.all(), "pk")
    if model is User:
        return mine.narrow(User.objects.all(), "memberships__organisation_id").distinct()
    return mine.narrow(model._default_manager.all())


class Scoped:
    """Rows and rights of a page by the user's memberships."""

    organisation_path: ClassVar[str] = "organisation_id"
    readers: ClassVar[Role] = Role.VIEWER
    writers: ClassVar[Role] = Role.ADMIN

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return reach(request, self.readers).narrow(rows, self.organisation_path)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(reach(request, self.readers))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, obj, self.readers)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, obj, self.writers)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, obj, self.writers)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, obj, self.writers)

    def may(self, request: HttpRequest, obj: Any, least: Role) -> bool:
        """Whether the user has at least this role where `obj` belongs; anywhere without one."""
        mine: Reach = reach(request, least)
        return bool(mine) if obj is None else self.owner(obj) in mine

    def owner(self, obj: Any) -> uuid.UUID | None:
        owner: uuid.UUID | None = obj.pk if isinstance(obj, Organisation) else obj.organisation_id
        return owner

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A choice of rows offers those of the user's organisations alone."""
        kwargs["queryset"] = choices_of(db_field.remote_field.model, request, self.writers)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class ScopedAdmin(Scoped, ModelAdmin):  # type: ignore[type-arg, unused-ignore]
    """A page over one table."""

    list_per_page = 50
    list_filter_sheet = False
    show_full_result_count = False
    paginator = BoundedPaginator
    compressed_fields = True
    warn_unsaved_form = True
    empty_hint: ClassVar[str] = ""
    """Where rows come from, for a list that has none."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A row stays where it is: its organisation is chosen once."""
        fixed = ("organisation",) if hasattr(obj, "organisation_id") else ()
        return (*super().get_readonly_fields(request, obj), *fixed)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        mine = choices_of(Organisation, request, self.writers)[:2]
        alone = {"organisation": mine[0].pk} if len(mine) == 1 else {}
        return {**alone, **super().get_changeform_initial_data(request)}

    def get_action_choices(
        self,
        request: HttpRequest,
        default_choices: Any = None,
        action_location: ActionLocation = ActionLocation.CHANGE_LIST,
    ) -> list[tuple[str, str]]:
        """As Django does it: Unfold's own does not know of places yet, and warns."""
        choices: list[tuple[str, str]] = DjangoModelAdmin.get_action_choices(
            self, request, [("", "Select action")], action_location
        )
        return choices

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        hidden = not SECRETS.isdisjoint(lookup.split("__"))
        return not hidden and super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """An id finds its row on every page, through the primary key, and what belongs to it where
        the page searches by that (`=task__id`)."""
        try:
            wanted = uuid.UUID(search_term.strip())
        except ValueError:
            return super().get_search_results(request, queryset, search_term)
        related = (name[1:] for name in self.search_fields if name[0] == "=" and name[-2:] == "id")
        found = reduce(or_, (Q(**{name: wanted}) for name in related), Q(pk=wanted))
        return queryset.filter(found), False


class ReadOnly:
    """For rows that only the server writes."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, ScopedAdmin):
    """A page of rows that only the server writes."""


class DeploymentAdmin(ScopedAdmin):
    """A page of rows that belong to no organisation: for superusers."""

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = ModelAdmin.get_queryset(self, request)
        return rows if reach(request).everywhere else rows.none()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return reach(request).everywhere

    def may(self, request: HttpRequest, obj: Any, least: Role) -> bool:
        return reach(request).everywhere

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        return ModelAdmin.get_search_results(self, request, queryset, search_term)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ModelAdmin.get_readonly_fields(self, request, obj)


class ScopedInline(Scoped, TabularInline):  # type: ignore[misc, type-arg, unused-ignore]
    """Rows that belong to the page's row."""

    extra = 0
    show_title = False


class ReadOnlyInline(ReadOnly, ScopedInline):  # type: ignore[misc]
    """Rows of the page's row that only the server writes."""

    can_delete = False
