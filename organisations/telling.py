"""Secrets that are told once, and badges: what several admin pages say in the same way."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html

from common.secrets import Secret

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
    "partial_success": "warning",
    "failure": "danger",
}
"""The colour of a state's label, wherever it is shown."""


def tell_once(request: HttpRequest, what: str, secret: Secret) -> None:
    """Show a secret on the next page. It travels in the visitor's own signed cookie, and is in no
    table and no log."""
    text = "{} <code class='cq-secret'>{}</code> Copy it now: it is not shown again."
    messages.warning(request, format_html(text, what, secret.reveal()))
