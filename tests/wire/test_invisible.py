"""What a model is not shown because a reader does not see it."""

import sys
import unicodedata

import pytest

from wire.invisible import visible


@pytest.mark.parametrize(
    "hidden",
    ["\u200b", "\u202e", "\u2066", "\ufeff", "\u00ad", "\x00", "\x1b", "\ufe0f", "\U000e0041"],
)
def test_an_invisible_character_is_removed(hidden):
    assert visible(f"a{hidden}b") == "ab"


@pytest.mark.parametrize("text", ["Grüße,\tJosé\n", "電話", "👍", "ا؀١", "a b\u00a0c"])
def test_what_a_reader_sees_stays(text):
    assert visible(text) == text


def test_of_all_format_and_control_characters_only_drawn_ones_and_line_breaks_stay():
    everything = map(chr, range(sys.maxunicode + 1))
    formats = [sign for sign in everything if unicodedata.category(sign) in {"Cc", "Cf"}]
    kept = set(filter(visible, formats))
    drawn = {"\t", "\n", "\r", "\u06dd", "\u070f", "\u0890", "\u0891", "\u08e2"}
    assert kept == drawn | set(map(chr, range(0x600, 0x606))) | {"\U000110bd", "\U000110cd"}
