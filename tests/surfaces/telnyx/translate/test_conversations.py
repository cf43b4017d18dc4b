"""Conversations, as strict clients take them."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from conversations.models import Conversation
from surfaces.telnyx.translate.conversations import (
    InvalidFilter,
    name_fault,
    render_conversation,
)
from surfaces.telnyx.translate.queries import InvalidQuery
from vocabulary.errors import InvalidRequest

BEGAN = datetime(2025, 4, 15, 13, 7, 28, 764000, tzinfo=UTC)


def conversation(**columns: object) -> Conversation:
    return Conversation(id=UUID(int=1), created_at=BEGAN, last_message_at=BEGAN, **columns)


def test_a_conversation_renders_with_the_documented_keys_and_ours():
    assert render_conversation(conversation(name="", metadata={"from": "+1"})) == {
        "id": "00000000-0000-0000-0000-000000000001",
        "name": "",
        "created_at": "2025-04-15T13:07:28.764Z",
        "last_message_at": "2025-04-15T13:07:28.764Z",
        "metadata": {"from": "+1"},
        "state": "active",
        "ended_at": None,
        "end_reason": None,
    }


def test_metadata_values_are_strings_whatever_was_stored():
    metadata = {"t": True, "n": 1.5, "z": None, "l": ["a"], "o": {"é": 1}}
    assert render_conversation(conversation(metadata=metadata))["metadata"] == {
        "t": "true",
        "n": "1.5",
        "z": "null",
        "l": '["a"]',
        "o": '{"é":1}',
    }


def test_the_callers_own_reason_goes_before_ours_while_it_is_ended():
    ended = conversation(ended_at=BEGAN, end_reason="requested", end_note="sold")
    assert render_conversation(ended)["end_reason"] == "sold"
    assert render_conversation(conversation(end_reason="idle"))["end_reason"] is None


@pytest.mark.parametrize(
    ("path", "kind"),
    [("limit", InvalidQuery), ("created_at", InvalidFilter), ("order", InvalidFilter)],
)
def test_faults_of_filters_are_told_from_those_of_paging(path: str, kind: type[InvalidRequest]):
    fault = name_fault(InvalidRequest(path, "no"))
    assert type(fault) is kind
    assert fault.path == path
