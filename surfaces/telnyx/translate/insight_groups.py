"""Insight groups: templates that run together and are announced together."""

from typing import TYPE_CHECKING

from common.clock import rfc3339
from surfaces.telnyx.translate.insights import render_insight
from vocabulary.json import JsonObject

if TYPE_CHECKING:
    from insights.queries import GroupView


def render_group(group: "GroupView") -> JsonObject:
    """`is_default` is ours: such groups run for conversations whose metadata names none."""
    return {
        "id": str(group.id),
        "name": group.name,
        "description": group.description,
        "webhook": group.webhook,
        "created_at": rfc3339(group.created_at),
        "insights": [render_insight(template) for template in group.templates],
        "is_default": group.is_default,
    }
