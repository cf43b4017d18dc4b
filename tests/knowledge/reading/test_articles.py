"""Exported help articles are read as their words, each under its title and address."""

import json
from typing import Any

import pytest

from tests.knowledge.reading.conftest import Read

ARTICLE = {
    "type": "article",
    "id": "1",
    "title": "Returns",
    "body": "<h2>How</h2><p>Send it <b>back</b>.</p><script>x()</script><p>Within 30 days.</p>",
    "url": "https://help.example.com/1",
}
DRAFT = {"type": "article", "id": "2", "title": "Draft", "body": None, "url": None}


@pytest.mark.parametrize(
    "export", [ARTICLE, [ARTICLE], {"type": "list", "data": [ARTICLE]}, {"articles": [ARTICLE]}]
)
def test_an_export_is_read_as_its_articles_words(read: Read, export: Any):
    extract = read("a.json", json.dumps(export))
    assert extract.kind == "articles"
    assert extract.title == "Returns"
    assert extract.text == "Returns\n\nHow\n\nSend it back.\n\nWithin 30 days."
    parts = [(extract.text[s.start : s.end], s.heading, s.url) for s in extract.sections]
    assert parts == [
        (words, "Returns", "https://help.example.com/1")
        for words in ("How", "Send it back.", "Within 30 days.")
    ]


def test_articles_by_line_are_read(read: Read):
    extract = read("a.jsonl", f"{json.dumps(ARTICLE)}\n{json.dumps(DRAFT)}")
    assert extract.kind == "articles"
    assert extract.title == ""
    assert len(extract.sections) == 3


@pytest.mark.parametrize(
    "export",
    [
        {"title": "x", "body": "y"},
        {**ARTICLE, "body": 7},
        [ARTICLE, {"name": "not one"}],
        {"data": []},
        {"data": {"a": ARTICLE["title"]}},
    ],
)
def test_anything_else_is_json(read: Read, export: Any):
    assert read("a.json", json.dumps([export, "words"])).kind == "json"
