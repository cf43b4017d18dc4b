"""Made-up payloads, one for each type of event, for trying out an endpoint."""

from collections.abc import Mapping

from vocabulary.json import JsonObject
from webhooks.announcements import ENDPOINT_DISABLED

NOBODY = "00000000-0000-0000-0000-000000000000"
LONG_AGO = "2001-01-01T00:00:00.000Z"

CONVERSATION: JsonObject = {
    "id": NOBODY,
    "name": "Test",
    "metadata": {"test": "true"},
    "created_at": LONG_AGO,
    "last_message_at": LONG_AGO,
    "ended_at": LONG_AGO,
    "end_reason": "requested",
    "message_count": 0,
}
RUN: JsonObject = {
    "id": NOBODY,
    "conversation_id": NOBODY,
    "insight_group_id": None,
    "trigger": "manual",
    "status": "completed",
    "created_at": LONG_AGO,
    "started_at": LONG_AGO,
    "finished_at": LONG_AGO,
    "error": None,
    "results": [],
    "conversation_metadata": {"test": "true"},
    "instructions": None,
}
SAMPLES: Mapping[str, JsonObject] = {
    "conversation.ended": {
        "conversation": CONVERSATION,
        "reason": "requested",
        "note": "",
        "cause": NOBODY,
    },
    "conversation.reopened": {"conversation": CONVERSATION},
    "insight.completed": RUN,
    "insight.failed": {**RUN, "status": "failed", "error": "a test"},
    ENDPOINT_DISABLED: {
        "id": NOBODY,
        "name": "Test",
        "url": "https://receiver.example/",
        "reason": "a test",
        "disabled_at": LONG_AGO,
    },
}
