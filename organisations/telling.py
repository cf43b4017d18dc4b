"""Secrets that are told once, badges, and keys by their names: what several admin pages say in the
same way."""

import uuid
from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from common.secrets import Secret
from organisations.models import ApiKey

BADGES = {
    "active": "info",
    "ended": "default",
    "pending": "warning",
    "in_progress": "info",
    "queued": "warning",
    "running": "info",
    "waiting": "warning",
    "completed": "success",
    "complete": "success",
    "delivered": "success",
    "done": "success",
    "ok": "success",
    "enabled": "success",
    "failed": "danger",
    "dead": "danger",
    "disabled": "danger",
    "revoked": "danger",
    "hung_up": "warning",
    "expired": "warning",
    "cancelled": "default",
    "interrupted": "danger",
    "incomplete": "warning",
    "processing": "info",
    "building": "info",
    "embedded": "success",
    "stored": "success",
    "success": "success",
    "succeeded": "success",
    "partial_success": "warning",
    "failure": "danger",
}
"""The colour of a state's label, wherever it is shown."""


def badge_of(state: str) -> tuple[str, str]:
    """A state and its words, for a label of `BADGES`."""
    return state, state.replace("_", " ")


def list_pairs(pairs: Mapping[str, object]) -> str:
    """Names and values, one a line; a dash for none."""
    return format_html_join(mark_safe("<br>"), "{}: {}", sorted(pairs.items())) or "–"


def name_key(organisation_id: uuid.UUID, key_id: uuid.UUID | None) -> str:
    """An API key by its name, linked to its page; a dash for none."""
    if key_id is None:
        return "–"
    key = ApiKey.unscoped.filter(organisation_id=organisation_id, pk=key_id).first()
    if key is None:
        return f"a key that is gone ({key_id})"
    address = reverse("admin:organisations_apikey_change", args=[key.pk])
    return format_html("<a class='cq-link' href='{}'>{}</a>", address, key.name or str(key))


def tell_once(request: HttpRequest, what: str, secret: Secret) -> None:
    """Show a secret on the next page. It travels in the visitor's own signed cookie, and is in no
    table and no log."""
    text = "{} <code class='cq-secret'>{}</code> Copy it now: it is not shown again."
    messages.warning(request, format_html(text, what, secret.reveal()))
