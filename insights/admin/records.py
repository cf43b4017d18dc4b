"""Admin of runs and their results, across conversations."""

import json

from django.contrib import admin
from django.utils.html import format_html
from unfold.decorators import display

from insights.models import Result, Run, RunItem
from insights.reports import in_words
from organisations.scoping import OwnedFilter, ReadOnlyAdmin, ReadOnlyInline
from organisations.telling import BADGES


class ItemsInline(ReadOnlyInline):
    model = RunItem
    fields = ("result",)
    readonly_fields = fields
    show_change_link = True
    verbose_name_plural = "results"


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = (
        "created_at", "conversation", "group", "trigger", "badge", "finished_at", "organisation",
    )  # fmt: skip
    list_filter = ("status", "trigger", ("group", OwnedFilter), ("organisation", OwnedFilter))
    list_select_related = ("conversation", "group", "organisation")
    search_fields = ("conversation__name", "error", "=conversation__id")
    search_help_text = "A run's or conversation's id, a conversation's name, words of the error"
    date_hierarchy = "created_at"
    inlines = (ItemsInline,)
    exclude = ("results",)

    @display(description="status", ordering="status", label=BADGES)
    def badge(self, run: Run) -> str:
        return run.status


@admin.register(Result)
class ResultAdmin(ReadOnlyAdmin):
    list_display = (
        "created_at", "template_name", "conversation", "begin", "badge", "version_number",
        "generation", "model", "organisation",
    )  # fmt: skip
    list_filter = ("status", ("template", OwnedFilter), ("organisation", OwnedFilter))
    list_select_related = ("conversation", "template", "organisation")
    search_fields = ("template__name", "conversation__name", "model", "error", "=conversation__id")
    search_help_text = "An id, a conversation's id or name, a template's name, a model"
    ordering = ("-created_at", "-id")
    exclude = ("value", "fields")
    readonly_fields = ("said", "judged")

    @display(description="template", ordering="template__name")
    def template_name(self, result: Result) -> str:
        return result.template.name if result.template else "(deleted)"

    @display(description="value")
    def begin(self, result: Result) -> str:
        text = in_words(result.value)
        return text[:60] + "…" * (len(text) > 60) or "–"

    @display(description="status", ordering="status", label=BADGES)
    def badge(self, result: Result) -> str:
        return result.status

    @display(description="value")
    def said(self, result: Result) -> str:
        return _code(result.value)

    @display(description="fields")
    def judged(self, result: Result) -> str:
        return _code(result.fields)


@admin.register(RunItem)
class RunItemAdmin(ReadOnlyAdmin):
    list_display = ("run", "result", "created_at", "organisation")
    list_filter = (("organisation", OwnedFilter),)
    list_select_related = ("run", "result", "organisation")
    search_fields = ("=run__id", "=result__id")


def _code(value: object) -> str:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return format_html("<pre class='cq-code'>{}</pre>", text)
