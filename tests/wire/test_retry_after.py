"""Seconds and dates in `Retry-After`."""

from datetime import UTC, datetime

import pytest

from wire.retry_after import parse_retry_after

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("9" * 400, 999999999.0),
        ("Wed, 01 Jul 2026 12:00:30 GMT", 30.0),
        ("Wed, 01 Jul 2026 11:59:00 GMT", 0.0),
        ("Wed, 01 Jul 2026 14:00:30 +0200", 30.0),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
    ],
)
def test_seconds_and_dates_are_read_and_nonsense_is_none(text, seconds):
    assert parse_retry_after({"retry-after": text}, NOW) == seconds


def test_without_the_header_there_is_no_wish():
    assert parse_retry_after({}, NOW) is None
