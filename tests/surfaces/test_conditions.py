"""What a caller knows of a file decides whether it is sent, or written."""

from datetime import UTC, datetime

import pytest

from surfaces.conditions import PreconditionFailed, State, check_write, is_known, wants_part

STATE = State("abc", datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC))
THEN = "Fri, 02 Jan 2026 03:04:05 GMT"
BEFORE = "Fri, 02 Jan 2026 03:04:04 GMT"


@pytest.mark.parametrize(
    ("headers", "known"),
    [
        ({}, False),
        ({"if-none-match": '"abc"'}, True),
        ({"if-none-match": 'W/"x", W/"abc"'}, True),
        ({"if-none-match": "*"}, True),
        ({"if-none-match": '"x"', "if-modified-since": THEN}, False),
        ({"if-modified-since": THEN}, True),
        ({"if-modified-since": BEFORE}, False),
        ({"if-modified-since": "yesterday"}, False),
        ({"if-modified-since": "Fri, 02 Jan 99999999999 03:04:05 GMT"}, False),
        ({"if-unmodified-since": "Fri, 02 Jan 2026 03:04:05 999999999999999999999"}, False),
        ({"if-match": '"abc"'}, False),
        ({"if-unmodified-since": THEN}, False),
    ],
)
def test_a_reader_gets_what_it_does_not_have(headers, known):
    assert is_known(headers, STATE) is known


@pytest.mark.parametrize("headers", [{"if-match": '"x"'}, {"if-unmodified-since": BEFORE}])
def test_a_reader_of_another_version_is_told(headers):
    with pytest.raises(PreconditionFailed):
        is_known(headers, STATE)


@pytest.mark.parametrize(
    ("headers", "there", "allowed"),
    [
        ({}, None, True),
        ({}, STATE, True),
        ({"if-none-match": "*"}, None, True),
        ({"if-none-match": "*"}, STATE, False),
        ({"if-match": '"abc"'}, STATE, True),
        ({"if-match": '"abc"'}, None, False),
        ({"if-match": '"x"'}, STATE, False),
        ({"if-match": "*"}, STATE, True),
    ],
)
def test_a_writer_writes_over_what_it_knows(headers, there, allowed):
    try:
        check_write(headers, there)
    except PreconditionFailed:
        assert not allowed
    else:
        assert allowed


def test_a_part_of_a_file_that_changed_is_not_wanted():
    assert wants_part({}, STATE)
    assert wants_part({"if-range": '"abc"'}, STATE)
    assert wants_part({"if-range": THEN}, STATE)
    assert not wants_part({"if-range": '"x"'}, STATE)
    assert not wants_part({"if-range": BEFORE}, STATE)
