"""JSON is read as lines of names and values."""

import json

import pytest

from knowledge.reading.extracts import Unreadable
from tests.knowledge.reading.conftest import Read


def test_values_are_lines_with_their_names(read: Read):
    order = {"id": 7, "paid": True, "note": None, "blank": "", "customer": {"name": "Jo"}}
    assert read("a.json", json.dumps(order)).text == "id: 7\npaid: true\n\ncustomer.name: Jo"


def test_each_object_of_a_list_is_a_paragraph(read: Read):
    menu = {"menu": [{"dish": "Soup", "price": 4.5}, {"dish": "Pie"}], "tags": ["a", "b"]}
    assert read("a.json", json.dumps(menu)).text.split("\n\n") == [
        "menu.dish: Soup\nmenu.price: 4.5",
        "menu.dish: Pie",
        "tags: a\ntags: b",
    ]


def test_a_single_text_is_itself(read: Read):
    assert read("a.json", '"just words"').text == "just words"


def test_json_lines_are_read(read: Read):
    assert read("a.txt", '{"a": 1}\n\n{"a": "two"}\n').text == "a: 1\n\na: two"


def test_a_broken_line_is_named(read: Read):
    with pytest.raises(Unreadable, match="is not valid JSON: line 2"):
        read("a.jsonl", '{"a": 1}\n{"a": \n')


@pytest.mark.parametrize(
    ("name", "media_type"), [("a.json", ""), ("a", "application/json; charset=utf-8")]
)
def test_what_is_called_json_must_be(read: Read, name: str, media_type: str):
    with pytest.raises(Unreadable, match="is not valid JSON"):
        read(name, '{"a": ', media_type=media_type)


def test_text_that_begins_like_json_is_text(read: Read):
    assert read("a.txt", "[Applause] Thank you.").text == "[Applause] Thank you."


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_nesting_is_bounded(read: Read, opening: str):
    with pytest.raises(Unreadable, match="nested too deeply"):
        read("a.json", opening * 100_000)


def test_halves_of_characters_and_nul_are_left_out(read: Read):
    assert read("a.json", r'{"a\u0000": "b\ud800\u0000c"}').text == "a: bc"
