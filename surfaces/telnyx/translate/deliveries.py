"""The log of webhook deliveries."""

from typing import TYPE_CHECKING, Final

from common.clock import rfc3339, rfc3339_or_none
from vocabulary.json import JsonObject
from wire.shapes import TEXT, TIME, UUID, WHOLE, array, nullable, record, said, word

if TYPE_CHECKING:
    from webhooks.models import Attempt, Delivery

DELIVERY: Final = record(
    "WebhookDelivery",
    {
        "record_type": word("webhook_delivery"),
        "id": UUID,
        "event_id": UUID,
        "event_type": TEXT,
        "endpoint_id": UUID,
        "url": TEXT,
        "status": word("pending", "delivered", "dead", "cancelled"),
        "attempts": WHOLE,
        "created_at": TIME,
        "next_attempt_at": nullable(TIME),
        "delivered_at": nullable(TIME),
        "tries": array(
            record(
                "DeliveryAttempt",
                {
                    "number": WHOLE,
                    "at": TIME,
                    "http_status": said(nullable(WHOLE), "Null where nobody answered."),
                    "error": nullable(TEXT),
                    "duration_ms": WHOLE,
                },
            )
        ),
    },
)


REDELIVERED: Final = record("Redelivered", {"deliveries": WHOLE})


def render_delivery(delivery: "Delivery") -> JsonObject:
    """`attempts` counts all; `tries` lists them, without what the receiver said."""
    return {
        "record_type": "webhook_delivery",
        "id": str(delivery.id),
        "event_id": str(delivery.event_id),
        "event_type": delivery.event.type,
        "endpoint_id": str(delivery.endpoint_id),
        "url": delivery.endpoint.url,
        "status": delivery.state,
        "attempts": delivery.attempts,
        "created_at": rfc3339(delivery.created_at),
        "next_attempt_at": rfc3339_or_none(delivery.next_attempt_at),
        "delivered_at": rfc3339_or_none(delivery.delivered_at),
        "tries": [_render_try(attempt) for attempt in delivery.tries.all()],
    }


def _render_try(attempt: "Attempt") -> JsonObject:
    """`http_status` is null where nobody answered; `error` says why."""
    return {
        "number": attempt.number,
        "at": rfc3339(attempt.at),
        "http_status": attempt.status,
        "error": attempt.error or None,
        "duration_ms": attempt.duration_ms,
    }


def render_redelivered(count: int) -> JsonObject:
    return {"deliveries": count}
