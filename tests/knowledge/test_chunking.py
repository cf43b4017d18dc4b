"""Texts are cut into pieces within their sizes, and nothing visible is lost."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.chunking import Span, cut, find_spans
from knowledge.reading.extraction import extract
from knowledge.reading.extracts import Extract, Unreadable

TEXTS = st.text(alphabet="ab.!? \n\t—…é", max_size=400)
SIZES = st.integers(1, 60)
WORD = re.compile(r"\S+")


def of(text: str) -> Extract:
    return Extract(text=text, kind="text")


def pieces(text: str, size: int, overlap: int = 0) -> list[str]:
    return [piece.text for piece in cut(of(text), size=size, overlap=overlap)]


@st.composite
def settings(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(SIZES)
    return size, draw(st.integers(0, size - 1))


@given(TEXTS, settings())
def test_pieces_keep_to_their_bounds_and_to_the_order(text: str, given: tuple[int, int]):
    size, overlap = given
    last = Span(-1, 0)
    for span in find_spans(text, size=size, overlap=overlap):
        assert 0 < span.end - span.start <= size
        assert span.start > last.start
        assert span.end > last.end
        assert last.end - span.start <= overlap
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        last = span


@given(TEXTS, settings())
def test_everything_visible_is_in_a_piece(text: str, given: tuple[int, int]):
    size, overlap = given
    covered = [False] * len(text)
    for start, end in find_spans(text, size=size, overlap=overlap):
        covered[start:end] = [True] * (end - start)
    assert all(place or text[index].isspace() for index, place in enumerate(covered))


@given(TEXTS, settings())
def test_words_stay_whole(text: str, given: tuple[int, int]):
    size, overlap = given
    spans = list(find_spans(text, size=size, overlap=overlap))
    for word in WORD.finditer(text):
        if len(word[0]) <= size:
            assert any(s.start <= word.start() and word.end() <= s.end for s in spans)
            assert not any(word.start() < s.start < word.end() for s in spans)


@given(TEXTS, st.integers(1, 20), st.integers(0, 500))
def test_an_overlap_over_the_size_ends_too(text: str, size: int, overlap: int):
    assert len(pieces(text, size, overlap)) <= len(text)


def test_a_short_text_is_one_piece():
    assert pieces("  A few words.\n", 1024, 512) == ["A few words."]
    assert pieces(" \n ", 10) == []


def test_a_piece_ends_with_a_paragraph_where_it_can():
    text = "Alpha beta. Gamma.\n\nDelta epsilon. Zeta eta theta."
    assert pieces(text, 36) == ["Alpha beta. Gamma.", "Delta epsilon. Zeta eta theta."]


def test_else_with_a_sentence():
    text = "One two three. Four five six. Seven eight nine ten."
    assert pieces(text, 36) == ["One two three. Four five six.", "Seven eight nine ten."]


def test_else_with_a_line():
    assert pieces("one two\nthree four five six", 14) == ["one two", "three four", "five six"]


def test_sentences_without_blanks_are_seen():
    assert pieces("私は学生です。彼は先生です。", 10) == ["私は学生です。", "彼は先生です。"]


def test_only_a_word_longer_than_a_piece_is_cut():
    assert pieces("ab " + "x" * 25 + " cd", 10) == ["ab", "x" * 10, "x" * 10, "xxxxx cd"]


def test_the_overlap_begins_with_a_sentence_where_it_can():
    text = "Aa bb cc. Dd ee ff. Gg hh ii. Jj kk ll. Mm nn oo."
    assert pieces(text, 30, 20) == [
        "Aa bb cc. Dd ee ff. Gg hh ii.",
        "Dd ee ff. Gg hh ii. Jj kk ll.",
        "Gg hh ii. Jj kk ll. Mm nn oo.",
    ]


def test_long_texts_take_time_in_proportion():
    text = "word " * 200_000 + "x" * 1_000_000 + " " * 1_000_000 + "\n" * 1_000_000 + "end"
    assert len(pieces(text, 1024, 512)) < 5_000


def articles(tmp_path: Path, value: object) -> Extract:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(value))
    return extract(path, name=path.name)


def test_an_article_is_cut_into_its_paragraphs(tmp_path: Path):
    body = "<p>First.</p><p>" + "Second one. " * 10 + "</p>"
    article = {"title": "Returns", "url": "https://help.example.com/1", "body": body}
    found = cut(articles(tmp_path, [article]), size=60, overlap=0, loader="intercom")
    assert [piece.text for piece in found] == [
        "First.",
        *["Second one. Second one. Second one. Second one. Second one."] * 2,
    ]
    told = {"article_url": "https://help.example.com/1", "heading": "Returns"}
    assert all(piece.metadata == told for piece in found)


def test_the_default_loader_reads_articles_as_one_text(tmp_path: Path):
    article = {"title": "Returns", "url": "https://a.example", "body": "<p>Send it.</p>"}
    [piece] = cut(articles(tmp_path, article))
    assert (piece.text, piece.metadata) == ("Returns\n\nSend it.", {})


@pytest.mark.parametrize("value", [{"title": "x", "url": "y"}, {"a": 1}, "words", [{"body": 3}]])
def test_what_is_no_article_is_refused_by_their_loader(tmp_path: Path, value: object):
    with pytest.raises(Unreadable, match="is not articles exported as JSON"):
        cut(articles(tmp_path, value), loader="intercom")
