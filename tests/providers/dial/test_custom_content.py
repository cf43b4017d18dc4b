"""Pieces of custom content, put together."""

import time
from typing import Any

import pytest

from providers.dial.custom_content import MOST_DEPTH, Contents, grow, harvest
from vocabulary.json import Json

GROWN = [
    (["a", "b"], "ab"),
    ([1, 2], 2),
    ([True, None], True),
    (["a", 2], 2),
    ([2, "a"], "a"),
    ([{"a": "x"}, {"a": "y", "b": None}, {"b": [1]}], {"a": "xy", "b": [1]}),
    ([{"a": "x"}, [1]], [1]),
    ([[{"index": 1, "t": "b"}], [{"index": 0, "t": "a"}]], [{"t": "a"}, {"t": "b"}]),
    ([[{"index": 0, "t": "a"}], [{"index": 0, "t": "b"}]], [{"t": "ab"}]),
    ([[{"t": "a"}], [{"t": "b"}], ["c"]], [{"t": "a"}, {"t": "b"}, "c"]),
    ([[{"index": 0, "in": [{"index": 0, "t": "a"}]}]], [{"in": [{"t": "a"}]}]),
    ([{"index": 3}], {"index": 3}),
]


@pytest.mark.parametrize(("pieces", "whole"), GROWN)
def test_pieces_become_one(pieces, whole):
    tree = None
    for piece in pieces:
        tree = grow(tree, piece)
    assert harvest(tree) == whole


def test_what_lies_too_deep_is_kept_and_does_not_grow():
    piece: Json = {"text": "x"}
    for _ in range(MOST_DEPTH + 10):
        piece = {"in": piece}
    once = harvest(grow(None, piece))
    assert once == piece
    assert harvest(grow(grow(None, piece), piece)) == piece


def test_many_pieces_take_time_in_proportion():
    contents = Contents()
    started = time.monotonic()
    for number in range(20_000):
        stages = [{"index": number, "name": "s"}, {"index": 0, "content": "word " * 10}]
        contents.watch({"choices": [{"delta": {"custom_content": {"stages": stages}}}]})
    whole: Any = contents.extras(0)["dial"]["custom_content"]
    assert len(whole["stages"]) == 20_000
    assert len(whole["stages"][0]["content"]) == 50 * 20_000
    assert time.monotonic() - started < 3
