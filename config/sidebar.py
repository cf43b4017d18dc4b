"""The admin's frame: what the sidebar offers whom, the header's label, our style and script."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

type Entry = tuple[str, str, str]  # model, title, icon

GROUPS: dict[str, tuple[Entry, ...]] = {
    "Conversations": (
        ("conversations.conversation", "Conversations", "forum"),
        ("conversations.message", "Messages", "chat_bubble"),
    ),
    "Insights": (
        ("insights.template", "Templates", "lightbulb"),
        ("insights.group", "Groups", "stacks"),
        ("insights.run", "Runs", "play_circle"),
        ("insights.result", "Results", "fact_check"),
    ),
    "Files & knowledge": (
        ("files.bucket", "Buckets", "folder"),
        ("files.storedobject", "Objects", "draft"),
        ("knowledge.embeddingtask", "Embedding tasks", "manufacturing"),
        ("knowledge.index", "Indexes", "database_search"),
        ("knowledge.document", "Documents", "article"),
    ),
    "Webhooks": (
        ("webhooks.endpoint", "Endpoints", "webhook"),
        ("webhooks.delivery", "Deliveries", "local_shipping"),
        ("webhooks.event", "Events", "notifications"),
    ),
    "Models & usage": (
        ("providers.provider", "Providers", "hub"),
        ("providers.offeredmodel", "Models", "smart_toy"),
        ("finetuning.finetuningjob", "Fine-tuning", "model_training"),
        ("providers.tunedmodel", "Fine-tuned models", "tune"),
        ("providers.price", "Prices", "payments"),
        ("providers.cataloguemodel", "Catalogue", "menu_book"),
        ("usage.usagerecord", "Usage", "monitoring"),
        ("usage.transcriptionreport", "Transcription reports", "summarize"),
    ),
    "Operations": (
        ("jobs.job", "Jobs", "list_alt"),
        ("executions.execution", "Executions", "account_tree"),
        ("jobs.worker", "Workers", "memory"),
        ("organisations.idempotencyrecord", "Idempotency", "content_copy"),
    ),
    "Organisation": (
        ("organisations.organisation", "Settings", "settings"),
        ("organisations.membership", "Members", "group"),
        ("organisations.apikey", "API keys", "key"),
        ("organisations.auditentry", "Audit log", "history"),
        ("organisations.user", "People", "person"),
    ),
}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups, each with what the visitor may look at."""
    pages = {page.opts.label_lower: page for page in admin.site._registry.values()}
    home = {"title": "Dashboard", "icon": "dashboard", "link": reverse("admin:index")}
    groups: list[dict[str, Any]] = [{"title": "", "items": [home]}]
    for title, entries in GROUPS.items():
        items = [
            {"title": name, "icon": icon, "link": _list(model)}
            for model, name, icon in entries
            if pages[model].has_module_permission(request)
        ]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups


def environment(request: HttpRequest) -> list[str] | None:
    """Text and colour of the label in the header: where one is."""
    if settings.ENVIRONMENT:
        return [settings.ENVIRONMENT, "warning"]
    if settings.DEBUG:
        return ["Debug", "danger"]
    embedded = not settings.CELERY_BROKER_URL and settings.DATABASE_URL.startswith("sqlite")
    return ["Embedded", "info"] if embedded else None


def stylesheet(request: HttpRequest) -> str:
    return static("colloquy/admin.css")


def script(request: HttpRequest) -> str:
    return static("colloquy/admin.js")


def favicon(request: HttpRequest) -> str:
    return static("colloquy/favicon.svg")


def _list(model: str) -> str:
    app, _, name = model.partition(".")
    return reverse(f"admin:{app}_{name}_changelist")
