"""Strangers' JSON is bounded before a parser sees it."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.bodies import dump_json, parse_json
from vocabulary.errors import InvalidRequest

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


def test_numbers_as_postgresql_gives_them_back_are_spelled():
    assert dump_json({"ä": 10**400}) == '{"ä":1'.encode() + b"0" * 400 + b"}"


@pytest.mark.parametrize("value", [{1, 2}, "\ud800", [10**20, "\ud800"], [10**20, float("inf")]])
def test_what_is_not_json_is_not_spelled(value):
    with pytest.raises((TypeError, ValueError)):
        dump_json(value)


@given(values)
def test_what_was_dumped_is_parsed_again(value):
    assert parse_json(dump_json(value)) == value


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"nope",
        b'{"a": NaN}',
        b'"\\ud800"',
        b'"\\u0000"',
        b'"a\\\\\\u0000"',
        b"[" * 65 + b"]" * 65,
        b"[" * 100_000,
        b"[" + b"[],".join([b""] * 100_001) + b"0]",
        b'"\xff"',
    ],
)
def test_what_is_malformed_or_hostile_is_refused(raw: bytes):
    with pytest.raises(InvalidRequest):
        parse_json(raw)


@pytest.mark.parametrize("raw", [b"[" * 64 + b"]" * 64, b'"\\\\u0000"', b'"' + b"[" * 90 + b'"'])
def test_what_only_looks_hostile_is_taken(raw: bytes):
    parse_json(raw)


def test_a_long_string_costs_no_more_than_its_size_to_look_at():
    raw = b"[" * 65 + b'"' + b"x" * 4_000_000 + b'"'  # refused before the parser allocates
    tracemalloc.start()
    with pytest.raises(InvalidRequest):
        parse_json(raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * len(raw)
