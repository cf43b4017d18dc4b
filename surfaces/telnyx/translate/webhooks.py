"""The body of a webhook: the flat event that receivers of Telnyx' insight webhooks see."""

from typing import TYPE_CHECKING, Final

from common.clock import rfc3339
from surfaces.telnyx.translate.conversations_insights import render_results, results_of
from vocabulary.json import Json, JsonObject

if TYPE_CHECKING:
    from webhooks.dialects import EventView

INSIGHT_EVENTS: Final = ("insight.completed", "insight.failed")


def render_event(event: "EventView") -> JsonObject:
    """Insights have a form of Telnyx' own; what only we announce has the same envelope."""
    if event.type in INSIGHT_EVENTS:
        return {
            "record_type": "event",
            "event_type": "conversation_insight_result",
            "payload": _render_insights(event),
        }
    return {
        "record_type": "event",
        "event_type": event.type,
        "id": str(event.id),
        "occurred_at": rfc3339(event.occurred_at),
        "payload": event.payload,
    }


def _render_insights(event: "EventView") -> JsonObject:
    """`request_id` stays the same when the event is sent again: receivers know repeats by it."""
    run = event.payload
    return {
        "request_id": str(event.id),
        "conversation_id": run["conversation_id"],
        "insight_group_id": run["insight_group_id"],
        "insight_id": _single(run),
        "insights_instructions": run.get("instructions"),
        "status": run["status"],
        "user_id": str(event.organisation_id),
        "metadata": run.get("conversation_metadata") or {},
        "results": render_results(run),
    }


def _single(run: JsonObject) -> Json:
    """The template's id where one ran by itself; null for a group."""
    results = results_of(run)
    if run["insight_group_id"] is not None or len(results) != 1:
        return None
    return results[0]["insight_id"]
