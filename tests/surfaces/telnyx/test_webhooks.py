"""The webhook that receivers of Telnyx' insights know, and its signature."""

import base64
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from surfaces.telnyx.webhooks import Telnyx
from webhooks.dialects import EventView, get_dialect

RUN: dict[str, Any] = {
    "id": "r1",
    "conversation_id": "c1",
    "insight_group_id": "g1",
    "status": "completed",
    "created_at": "2025-04-15T13:07:28.764Z",
    "results": [
        {"insight_id": "t1", "status": "completed", "result": '{"ok": true}'},
        {"insight_id": "t2", "status": "failed", "result": ""},
    ],
    "conversation_metadata": {"from": "+1"},
    "instructions": None,
}


def event(type: str, payload: dict[str, Any]) -> EventView:
    return EventView(
        id=UUID(int=1),
        organisation_id=UUID(int=2),
        seq=7,
        type=type,
        subject=UUID(int=3),
        version=1,
        occurred_at=datetime(2025, 4, 15, 13, 7, 28, 764000, tzinfo=UTC),
        payload=payload,
    )


def test_the_plugboard_leads_here():
    assert isinstance(get_dialect("telnyx"), Telnyx)


def test_an_insight_event_is_flat_as_receivers_see_it_in_production():
    assert Telnyx().body(event("insight.completed", RUN)) == {
        "record_type": "event",
        "event_type": "conversation_insight_result",
        "payload": {
            "request_id": "00000000-0000-0000-0000-000000000001",
            "conversation_id": "c1",
            "insight_group_id": "g1",
            "insight_id": None,
            "insights_instructions": None,
            "status": "completed",
            "user_id": "00000000-0000-0000-0000-000000000002",
            "metadata": {"from": "+1"},
            "results": [{"insight_id": "t1", "result": '{"ok": true}'}],
        },
    }


def test_a_template_that_ran_by_itself_is_named():
    single = RUN | {"insight_group_id": None, "results": RUN["results"][:1]}
    body: Any = Telnyx().body(event("insight.failed", single | {"status": "failed"}))
    assert body["payload"]["insight_id"] == "t1"
    assert body["payload"]["status"] == "failed"


def test_other_events_have_the_same_envelope():
    assert Telnyx().body(event("conversation.ended", {"a": 1})) == {
        "record_type": "event",
        "event_type": "conversation.ended",
        "id": "00000000-0000-0000-0000-000000000001",
        "occurred_at": "2025-04-15T13:07:28.764Z",
        "payload": {"a": 1},
    }


def test_the_signature_covers_the_time_and_the_exact_bytes():
    key = Ed25519PrivateKey.generate()
    headers = Telnyx().headers(body=b'{"a":1}', timestamp=1_700_000_000, key=key)
    assert headers["telnyx-timestamp"] == "1700000000"
    signature = base64.b64decode(headers["telnyx-signature-ed25519"])
    key.public_key().verify(signature, b'1700000000|{"a":1}')
    with pytest.raises(InvalidSignature):
        key.public_key().verify(signature, b'1700000001|{"a":1}')
