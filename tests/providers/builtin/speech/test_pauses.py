"""Recordings are cut in their pauses, and nothing that was said is lost."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.builtin.speech.pauses import FRAME, MOST_FRAMES, stretches

SECOND = 16_000


def loud(seconds: float):
    rng = np.random.default_rng(5)
    return rng.normal(scale=3_000, size=int(seconds * SECOND)).astype(np.int16)


def quiet(seconds: float):
    return np.zeros(int(seconds * SECOND), dtype=np.int16)


def cut(*parts):
    return list(stretches(np.concatenate(parts)))


def test_silence_has_no_stretches():
    assert cut(quiet(3)) == []
    assert cut(quiet(0)) == []


def test_a_long_pause_separates_and_a_short_one_does_not():
    [first, second] = cut(loud(1), quiet(1), loud(1))
    assert first[0] == 0
    assert first[1] == second[0]
    assert abs(first[1] - 1.5 * SECOND) <= FRAME
    assert second[1] == 3 * SECOND
    assert len(cut(loud(1), quiet(0.2), loud(1))) == 1


def test_silence_between_two_pauses_is_left_out():
    pauses = cut(quiet(2), loud(1), quiet(5))
    assert pauses == [(0, 8 * SECOND)]


def test_speech_without_pauses_is_cut_where_it_is_quietest():
    dip = (loud(0.1) // 4).astype(np.int16)
    pieces = cut(loud(20), dip, loud(20))
    assert len(pieces) == 2
    assert abs(pieces[0][1] - 20.05 * SECOND) < 0.2 * SECOND


@given(lengths=st.lists(st.tuples(st.booleans(), st.floats(0.01, 8)), min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_everything_loud_is_in_some_stretch(lengths):
    pcm = np.concatenate([loud(s) if is_loud else quiet(s) for is_loud, s in lengths])
    heard = np.zeros(len(pcm), dtype=bool)
    last = 0
    for begin, end in stretches(pcm):
        assert last <= begin < end <= len(pcm)
        assert end - begin <= MOST_FRAMES * FRAME
        heard[begin:end] = True
        last = end
    assert not (np.abs(pcm[~heard].astype(np.int32)) > 1_000).any()
