"""Where a quote stands in a message, as a reader would say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.quotations import fold, locate
from wire.invisible import RUNS, visible

INVISIBLE = [chr(code) for run in RUNS for code in run]
texts = st.text(
    alphabet=st.one_of(
        st.sampled_from("aA bß\n\t.'’“”–…İﬁ1"), st.sampled_from(INVISIBLE), st.characters()
    ),
    max_size=60,
)


def found(quote: str, text: str) -> str | None:
    span = locate(quote, text)
    return None if span is None else text[span.start : span.end]


@pytest.mark.parametrize(
    ("quote", "text", "expected"),
    [
        ("fixed it", "Thanks, that fixed it!", "fixed it"),
        ("FIXED  it", "Thanks, that fixed\nit!", "fixed\nit"),
        ("it's done", "Well, it’s done.", "it’s done"),
        ('he said "no"', "Then he said “no” twice", "he said “no”"),
        ("2-3 days", "about 2–3 days", "2–3 days"),
        ("strasse 5", "Große STRAßE 5", "STRAßE 5"),
        ("refund", "I want a re\u200bfu\u00adnd now", "re\u200bfu\u00adnd"),
        ("wait...", "Wait…", "Wait…"),
        ("解約したい", "すぐに解約したいです", "解約したい"),
        ("no", "I know that, no", "no"),
    ],
)
def test_a_quote_is_found_as_the_message_spells_it(quote, text, expected):
    assert found(quote, text) == expected


def test_a_whole_word_is_found_before_a_part_of_one():
    span = locate("no", "I know that, no")
    assert span is not None
    assert span.start == 13


@pytest.mark.parametrize("quote", ["", " \n", "\u200b", "never said", "hello!"])
def test_what_was_not_said_is_not_found(quote):
    assert locate(quote, "hello there") is None


@given(texts, st.data())
def test_every_passage_is_found_where_it_reads_the_same(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    passage = text[start:end]
    span = locate(passage, text)
    assert (span is None) == (not fold(passage))
    if span is not None:
        assert fold(text[span.start : span.end]) == fold(passage)


@given(texts, st.data())
def test_a_passage_copied_loosely_is_found(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    loose = " \n".join(visible(text[start:end]).casefold().split())
    span = locate(loose, text)
    assert (span is None) == (not loose)
    if span is not None:
        assert fold(text[span.start : span.end]) == fold(loose)


@given(texts, texts)
def test_a_span_lies_in_the_text_and_begins_and_ends_with_what_can_be_seen(quote, text):
    span = locate(quote, text)
    if span is not None and quote not in text:
        assert 0 <= span.start < span.end <= len(text)
        assert fold(text[span.start]) and fold(text[span.end - 1])
