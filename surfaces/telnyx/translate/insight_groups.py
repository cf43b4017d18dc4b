"""Insight groups: templates that run together and are announced together."""

from typing import TYPE_CHECKING, Final

from common.clock import rfc3339
from surfaces.telnyx.translate.insights import INSIGHT, render_insight
from vocabulary.json import JsonObject
from wire.shapes import FLAG, TEXT, TIME, UUID, array, record, said

if TYPE_CHECKING:
    from insights.queries import GroupView

GROUP: Final = record(
    "InsightTemplateGroup",
    {
        "id": UUID,
        "name": TEXT,
        "description": TEXT,
        "webhook": TEXT,
        "created_at": TIME,
        "insights": array(INSIGHT),
        "is_default": said(FLAG, "Runs for conversations whose metadata names no group."),
    },
)


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
