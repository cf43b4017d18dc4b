"""JSON Pointers: any name can be a step, and a step leads back to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.pointers import escape, find, pointer, steps_of, unescape

VALUE = {"a/b": [{"m~n": 1}, None], "": {"0": "zero"}}


@given(st.text())
def test_any_name_is_one_step_and_comes_back(name):
    assert unescape(escape(name)) == name
    assert "/" not in escape(name)


@given(st.lists(st.text()))
def test_a_pointer_leads_back_to_its_names(names):
    assert steps_of(pointer(names)) == names


@pytest.mark.parametrize(
    ("path", "held"),
    [
        ("", VALUE),
        ("/a~1b/0/m~0n", 1),
        ("//0", "zero"),
        ("/a~1b/1", None),
        ("/a~1b/2", None),
        ("/a~1b/-1", None),
        ("/a~1b/²", None),
        ("/a~1b/0/m~0n/deeper", None),
        ("/nowhere/at/all", None),
    ],
)
def test_a_pointer_finds_what_stands_there_and_none_where_it_leads_nowhere(path, held):
    assert find(VALUE, steps_of(path)) == held
