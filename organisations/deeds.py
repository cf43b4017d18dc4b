"""What can be done with a row beside editing it: a button on its page, an action on the list.

Buttons send POST with the form's token; a link that ends or redelivers could be put anywhere.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.options import Action, ActionLocation
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from organisations.actor import Actor
from organisations.models import Role
from organisations.reach import acting, reach
from organisations.scoping import ScopedAdmin
from vocabulary.errors import DomainError

MOST_AT_ONCE = 500
MOST_REFUSALS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """`name` is the page's method `(actor, row) -> message`; it raises `DomainError` to refuse.

    `offered` says whether the button makes sense for a row. `confirm` is asked first. One that is
    not for `several` rows stands on the row's page only.
    """

    name: str
    label: str
    icon: str
    least: Role = Role.ADMIN
    offered: Callable[[Any], bool] = lambda row: True
    confirm: str = ""
    several: bool = True
    main: bool = False
    danger: bool = False


class DeedsAdmin(ScopedAdmin):
    """A page with deeds."""

    deeds: ClassVar[tuple[Deed, ...]] = ()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.deed_view)
        own = path("<path:object_id>/do/<slug:name>", view, name=self._route())
        return [own, *super().get_urls()]

    def deed_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Do it, say what came of it, and show the row again."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.get_object(request, object_id)
        deed = next((deed for deed in self.deeds if deed.name == name), None)
        if row is None or deed is None or not self.may(request, row, deed.least):
            raise Http404
        self._do(deed, request, [row])
        meta = self.opts
        return redirect(f"admin:{meta.app_label}_{meta.model_name}_change", row.pk)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """What is only looked at is looked up once a request."""
        if request.method != "GET":
            return super().get_object(request, object_id, from_field)
        known = request.__dict__.setdefault("_objects", {})
        if (object_id, from_field) not in known:
            found = super().get_object(request, object_id, from_field)
            known[object_id, from_field] = found
        return known[object_id, from_field]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id) if object_id and self.deeds else None
        buttons = self._buttons(request, row) if row is not None else []
        context = {**(extra_context or {}), "buttons": buttons}
        return super().changeform_view(request, object_id, form_url, context)

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        """Those of Django, and on the list the deeds that are for several rows."""
        found: dict[str, Any] = super().get_actions(request, action_location)
        for deed in self.deeds if action_location == ActionLocation.CHANGE_LIST else ():
            if deed.several and reach(request, deed.least):
                found[deed.name] = Action(
                    partial(_act, deed), deed.name, deed.label, deed.label, [action_location]
                )
        return found

    def _buttons(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        return [
            {"deed": deed, "url": reverse(f"admin:{self._route()}", args=(row.pk, deed.name))}
            for deed in self.deeds
            if deed.offered(row) and self.may(request, row, deed.least)
        ]

    def _route(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_do"

    def _do(self, deed: Deed, request: HttpRequest, rows: Iterable[Any]) -> None:
        """Each row by itself: what one refuses, the others still get."""
        done: list[str] = []
        refusals: dict[str, None] = {}
        for row in rows:
            owner = self.owner(row)
            try:
                if owner is None or not self.may(request, row, deed.least):
                    raise DomainError(f"{row}: your role does not allow it.")
                done.append(self._perform(deed, acting(request, owner), row))
            except DomainError as error:
                refusals[f"{row}: {error.message}"] = None
        if done:
            said = done[0] if len(done) == 1 else f"{deed.label}: {len(done)} done."
            messages.success(request, said)
        for refusal in list(refusals)[:MOST_REFUSALS]:
            messages.error(request, refusal)
        if len(refusals) > MOST_REFUSALS:
            messages.error(request, f"and {len(refusals) - MOST_REFUSALS} more were refused.")

    def _perform(self, deed: Deed, actor: Actor, row: Any) -> str:
        message: str = getattr(self, deed.name)(actor, row)
        return message


def _act(deed: Deed, page: DeedsAdmin, request: HttpRequest, rows: QuerySet[Any]) -> None:
    """A deed as an action of the list."""
    chosen = list(rows[: MOST_AT_ONCE + 1])
    if len(chosen) > MOST_AT_ONCE:
        messages.warning(request, f"Only the first {MOST_AT_ONCE} rows were taken.")
    page._do(deed, request, chosen[:MOST_AT_ONCE])
