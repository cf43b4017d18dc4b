"""The catch-up feed of everything that webhooks announce."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from common.clock import rfc3339
from vocabulary.json import JsonObject
from wire.shapes import FLAG, OBJECT, TEXT, TIME, UUID, WHOLE, array, nullable, record, said, word

if TYPE_CHECKING:
    from webhooks.models import Event

LAST_SEQ: Final = 2**63 - 1
MOST: Final = 1000
EVENTS: Final = record(
    "Events",
    {
        "data": array(
            record(
                "Event",
                {
                    "record_type": word("event"),
                    "id": UUID,
                    "seq": WHOLE,
                    "event_type": TEXT,
                    "version": WHOLE,
                    "subject_id": nullable(UUID),
                    "occurred_at": TIME,
                    "payload": OBJECT,
                },
            )
        ),
        "meta": record(
            "EventsMeta",
            {"next_after": said(WHOLE, "What to ask for next."), "has_more": FLAG},
        ),
    },
)


def render_events(events: Sequence["Event"], *, after: int, limit: int) -> JsonObject:
    """`meta.next_after` is what to ask for next, also when there is nothing new."""
    return {
        "data": [_render_event(event) for event in events],
        "meta": {
            "next_after": events[-1].seq if events else after,
            "has_more": len(events) == limit,
        },
    }


def _render_event(event: "Event") -> JsonObject:
    return {
        "record_type": "event",
        "id": str(event.id),
        "seq": event.seq,
        "event_type": event.type,
        "version": event.version,
        "subject_id": str(event.subject) if event.subject else None,
        "occurred_at": rfc3339(event.occurred_at),
        "payload": event.payload,
    }
