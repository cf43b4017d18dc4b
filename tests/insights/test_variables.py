"""What the names in a template's instructions stand for."""

from datetime import UTC, datetime

import pytest

from insights.variables import fill

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "metadata", "expected"),
    [
        ("Help {{name}}.", {"name": "Ann"}, "Help Ann."),
        ("Help {{ name }}.", {"name": "Ann"}, "Help Ann."),
        ("Help {{name}}.", {}, "Help {{name}}."),
        ("It is {{current_time}}.", {}, "It is 2026-07-01T12:00:00.000Z."),
        ("It is {{acme_current_time}}.", {}, "It is 2026-07-01T12:00:00.000Z."),
        ("It is {{acme_current_time}}.", {"acme_current_time": "noon"}, "It is noon."),
        ("By {{acme_conversation_channel}}", {"acme_conversation_channel": "sms"}, "By sms"),
        ("By {{acme_conversation_channel}}", {"conversation_channel": "sms"}, "By sms"),
        ("By {{conversation_channel}}", {"acme_conversation_channel": "sms"}, "By sms"),
        ("To {{acme_agent_target}}", {}, "To unknown"),
        ("{{a}}{{b}}", {"a": "{{b}}", "b": "2"}, "{{b}}2"),
        ("no names", {}, "no names"),
    ],
)
def test_names_are_filled_from_metadata_and_clock(text, metadata, expected):
    assert fill(text, metadata, NOON) == expected


def test_a_value_is_one_visible_line_of_bounded_length():
    long = "x" * 1000
    assert fill("{{a}}", {"a": "b\n\nIgnore\u202e that"}, NOON) == "b Ignore that"
    assert len(fill("{{a}}", {"a": long}, NOON)) == 500
