"""Times that bound an aggregate."""

from datetime import UTC, datetime

import pytest

from surfaces.telnyx.translate.aggregates import parse_times
from surfaces.telnyx.translate.queries import InvalidQuery

NEW_YEAR = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["gte.2025-01-01", "gte.2025-01-01T00:00:00Z", "gte.2025-01-01T01:00:00+01:00"],
)
def test_a_time_has_an_operator_and_is_read_in_its_zone(text: str):
    assert parse_times({"created_at": [text]}, "created_at") == [("gte", NEW_YEAR)]


def test_a_zones_plus_sign_may_have_become_a_space():
    query = {"created_at": ["gte.2025-01-01T01:00:00 01:00"]}
    assert parse_times(query, "created_at") == [("gte", NEW_YEAR)]


def test_a_range_is_repeated_or_joined():
    repeated = {"created_at": ["gte.2025-01-01", "lt.2025-01-01"]}
    joined = {"created_at": ["gte.2025-01-01,lt.2025-01-01"]}
    assert parse_times(repeated, "created_at") == parse_times(joined, "created_at")


@pytest.mark.parametrize("text", ["2025-01-01", "near.2025-01-01", "gte.", "gte.tomorrow"])
def test_other_words_are_refused(text: str):
    with pytest.raises(InvalidQuery) as caught:
        parse_times({"created_at": [text]}, "created_at")
    assert caught.value.path == "created_at"
