"""Sharing slots out, without a database."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from jobs.fairness import Lane, share_out

A, B, C = (uuid.UUID(int=n) for n in (1, 2, 3))


def test_a_lane_alone_may_fill_every_slot_of_the_limit():
    assert share_out([Lane(0, A)], {}, limit=10, lane_limit=10) == {Lane(0, A): 10}


def test_a_full_lane_leaves_a_tenth_more_to_the_others():
    assert share_out([Lane(0, A), Lane(0, B)], {A: 10}, limit=10, lane_limit=10) == {Lane(0, B): 1}


def test_lanes_with_equal_need_get_equal_shares():
    shares = share_out([Lane(0, A), Lane(0, B)], {}, limit=9, lane_limit=9)
    assert set(shares.values()) == {5}


def test_who_holds_least_comes_next():
    shares = share_out([Lane(0, A), Lane(0, B)], {A: 6}, limit=10, lane_limit=10)
    assert shares == {Lane(0, B): 5}


def test_lower_priority_numbers_are_served_first():
    shares = share_out([Lane(1, A), Lane(0, B)], {}, limit=10, lane_limit=10)
    assert shares == {Lane(0, B): 10, Lane(1, A): 1}


def test_a_lane_never_gets_over_its_own_limit():
    shares = share_out([Lane(0, A), Lane(1, A)], {A: 1}, limit=100, lane_limit=4)
    assert shares == {Lane(0, A): 3}


def test_there_is_always_one_slot():
    assert share_out([Lane(0, A)], {}, limit=1, lane_limit=1) == {Lane(0, A): 1}


lanes = st.builds(Lane, st.integers(0, 2), st.sampled_from([A, B, C]))


@given(
    due=st.lists(lanes, unique=True),
    held=st.dictionaries(st.sampled_from([A, B, C]), st.integers(0, 15)),
    limit=st.integers(1, 20),
    lane_limit=st.integers(1, 20),
)
def test_shares_are_within_every_limit(due, held, limit, lane_limit):
    shares = share_out(due, held, limit=limit, lane_limit=lane_limit)
    assert set(shares) <= set(due)
    room = limit + max(1, limit // 10) - sum(held.values())
    assert sum(shares.values()) <= max(0, room)
    for lane in (A, B, C):
        taken = sum(count for share, count in shares.items() if share.lane == lane)
        assert not taken or held.get(lane, 0) + taken <= lane_limit
