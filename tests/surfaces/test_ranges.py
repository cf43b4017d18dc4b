"""`Range` as RFC 9110 has it: a part that is there, the whole, or a refusal; nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surfaces.ranges import Unsatisfiable, parse_range, range_headers
from vocabulary.errors import NotFound


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=2-5", (2, 6)),
        ("bytes=2-", (2, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-99", (0, 10)),
        ("bytes=9-99999999999999999999", (9, 10)),
        ("", None),
        ("bytes=5-2", None),
        ("bytes=0-1,4-5", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=" + "9" * 5000 + "-", None),
        ("rows=0-1", None),
        ("bytes=\u0661-\u0662", None),
    ],
)
def test_a_range_of_ten_bytes(header: str, part):
    assert parse_range(header, 10) == part


@pytest.mark.parametrize(("header", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0)])
def test_a_range_that_is_not_there_is_refused_with_the_size(header: str, size: int):
    with pytest.raises(Unsatisfiable) as refused:
        parse_range(header, size)
    assert range_headers(refused.value) == {"content-range": f"bytes */{size}"}
    assert range_headers(NotFound()) == {}


@given(st.text(alphabet="bytes=0123456789-, ", max_size=30), st.integers(0, 10**6))
def test_whatever_is_asked_the_part_is_inside(header: str, size: int):
    try:
        part = parse_range(header, size)
    except Unsatisfiable:
        return
    assert part is None or 0 <= part[0] < part[1] <= size


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_well_formed_range_is_what_it_says(first: int, more: int, size: int):
    header = f"bytes={first}-{first + more}"
    if first >= size:
        with pytest.raises(Unsatisfiable):
            parse_range(header, size)
    else:
        assert parse_range(header, size) == (first, min(first + more + 1, size))
