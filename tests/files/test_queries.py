"""Lists of objects: in the order of code points, from any place on, by any beginning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files import queries, services
from files.queries import end_of
from organisations.actor import Actor

PATHS = ["A", "B/a", "a", "a/b", "a/c", "a0", "b", "ä", "\uffee", "\U0001f600"]


@pytest.fixture
def filled(actor: Actor) -> Actor:
    for path in reversed(PATHS):
        services.put_bytes(actor, "papers", path, b"1")
    return actor


def _paths(actor: Actor, **asked) -> list[str]:
    return [row.path for row in queries.find_objects(actor, "papers", **asked)]


def test_paths_are_in_the_order_of_their_code_points(filled: Actor):
    assert sorted(PATHS) == PATHS
    assert _paths(filled) == PATHS


def test_a_list_goes_on_where_the_last_one_ended(filled: Actor):
    assert _paths(filled, limit=3) == PATHS[:3]
    assert _paths(filled, after=PATHS[2], limit=3) == PATHS[3:6]
    assert _paths(filled, after="a/") == PATHS[3:]
    assert _paths(filled, after=PATHS[-1]) == []


@pytest.mark.parametrize("prefix", ["a", "a/", "A", "\U0001f600", "\uffee", "x", "ä"])
def test_a_prefix_is_taken_letter_by_letter(filled: Actor, prefix: str):
    assert _paths(filled, prefix=prefix) == [p for p in PATHS if p.startswith(prefix)]
    assert _paths(filled, prefix="a/", after="a/b") == ["a/c"]


def test_a_list_takes_two_queries(filled: Actor, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert all(row.blob.size == 1 for row in queries.find_objects(filled, "papers"))


def test_buckets_are_listed_by_name(filled: Actor, django_assert_num_queries):
    services.create_bucket(filled, "archive")
    with django_assert_num_queries(1):
        assert [b.name for b in queries.find_buckets(filled)] == ["archive", "papers"]


@given(st.text(min_size=1, max_size=4), st.text(max_size=4), st.text(max_size=4))
def test_the_end_of_a_prefix_stands_behind_all_that_begin_with_it(prefix, more, other):
    end = end_of(prefix)
    assert not end or prefix + more < end
    assert not end or end.encode()
    if other >= prefix and not other.startswith(prefix):
        assert end and other >= end
