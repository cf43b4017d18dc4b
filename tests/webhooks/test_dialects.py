"""How events are spelled."""

import json
import uuid
from datetime import UTC, datetime

import pytest

from vocabulary.errors import InvalidRequest
from webhooks.announcements import EVENT_TYPES
from webhooks.dialects import EventView, Standard, get_dialect
from webhooks.outbox import spell
from webhooks.samples import SAMPLES

EVENT = EventView(
    id=uuid.UUID(int=1),
    organisation_id=uuid.UUID(int=2),
    seq=7,
    type="insight.completed",
    subject=uuid.UUID(int=3),
    version=1,
    occurred_at=datetime(2026, 7, 1, 12, 30, tzinfo=UTC),
    payload={"text": "Grüße 🌍"},
)


def test_the_standard_body_has_the_envelope_of_standard_webhooks():
    assert Standard().body(EVENT) == {
        "id": "00000000-0000-0000-0000-000000000001",
        "object": "event",
        "type": "insight.completed",
        "version": 1,
        "seq": 7,
        "timestamp": "2026-07-01T12:30:00.000Z",
        "occurred_at": "2026-07-01T12:30:00.000Z",
        "created_at": 1782909000,
        "data": {"text": "Grüße 🌍"},
    }


def test_bytes_are_compact_utf8():
    text = spell(EVENT, "standard")
    assert "Grüße 🌍".encode() in text
    assert b": " not in text
    assert json.loads(text) == Standard().body(EVENT)


def test_an_unknown_dialect_is_told_with_those_there_are():
    with pytest.raises(InvalidRequest, match=r"unknown dialect 'klingon'; there are: .*standard"):
        get_dialect("klingon")


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_every_type_of_event_has_a_sample_that_every_dialect_can_spell(settings, event_type):
    payload = SAMPLES[event_type]
    event = EventView(
        id=EVENT.id,
        organisation_id=EVENT.organisation_id,
        seq=0,
        type=event_type,
        subject=None,
        version=1,
        occurred_at=EVENT.occurred_at,
        payload=payload,
    )
    for dialect in settings.WEBHOOK_DIALECTS:
        assert json.loads(spell(event, dialect))
