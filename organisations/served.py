"""Admin forms whose writes go through services: what those check and note holds here too.

A service that refuses makes the form be shown again, with the refusal at its field.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from organisations.actor import Actor
from organisations.deeds import DeedsAdmin
from organisations.reach import acting
from vocabulary.errors import DomainError, InvalidRequest

type Values = dict[str, Any]


class ServedForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that may be told, at its second showing, what the service said at the first."""

    refusal: ClassVar[DomainError | None] = None
    places: ClassVar[Mapping[str, str]] = {}

    def clean(self) -> Values:
        cleaned: Values = super().clean() or {}
        if self.refusal is not None:
            path = self.refusal.path if isinstance(self.refusal, InvalidRequest) else ""
            name = re.split(r"[.\[/]", path)[0]
            name = self.places.get(name, name)
            self.add_error(name if name in self.fields else None, self.refusal.message)
        return cleaned

    def validate_constraints(self) -> None:
        """The services do; a row that is not made yet cannot be compared."""


class ServedAdmin(DeedsAdmin):
    """A page whose rows are made, changed and removed by `create`, `change` and `remove`."""

    form = ServedForm

    def create(self, actor: Actor, values: Values) -> Any:
        """Make a row of the form's values; return it, or anything with its `id`."""
        raise NotImplementedError

    def change(self, actor: Actor, row: Any, values: Values) -> None:
        """Change those of the row's values that are in `values`: the others were left alone."""
        raise NotImplementedError

    def remove(self, actor: Actor, row: Any) -> None:
        raise NotImplementedError

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as refusal:
            request.__dict__["_refusal"] = refusal
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = request.__dict__.get("_refusal")
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        owner = obj.organisation_id
        actor = acting(request, owner)
        if change:
            self.change(actor, obj, {name: form.cleaned_data[name] for name in form.changed_data})
        else:
            given = {k: v for k, v in form.cleaned_data.items() if k != "organisation"}
            obj.pk = self.create_and_tell(request, actor, given).id
        obj._state.adding = False
        obj.refresh_from_db()

    def create_and_tell(self, request: HttpRequest, actor: Actor, values: Values) -> Any:
        """For pages with something to say about a new row that nobody can say later."""
        return self.create(actor, values)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What a service refuses to remove stays, and the row's page says why."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except DomainError as refusal:
            messages.error(request, refusal.message)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", object_id)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().changelist_view(request, extra_context)
        except DomainError as refusal:
            messages.error(request, refusal.message)
        return redirect(request.get_full_path())

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.remove(acting(request, obj.organisation_id), obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        """All of them or none: one that is refused raises `DomainError`."""
        for row in queryset:
            self.delete_model(request, row)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The rows alone: what goes with them is the service's affair, and no list of thousands."""
        rows = list(objs)
        kept = [row for row in rows if not self.has_delete_permission(request, row)]
        refused = {self.opts.verbose_name} if kept else set()
        counts = {self.opts.verbose_name_plural: len(rows)}
        return [str(row) for row in rows], counts, refused, []
