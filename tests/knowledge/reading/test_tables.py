"""Rows of CSV are read with the names of their columns."""

import pytest

from tests.knowledge.reading.conftest import Read


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_rows_say_what_their_cells_are(read: Read, delimiter: str):
    rows = [["name", "city", "note"], ["Jo", "Köln", ""], ["Al", "Rome", "a b"]]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    assert read("a.csv", text).text == "name: Jo\ncity: Köln\n\nname: Al\ncity: Rome\nnote: a b"


def test_quoted_cells_may_hold_anything(read: Read):
    text = 'name;note\n"Jo; the first";"two\nlines, with a comma"\nAl;none\n'
    assert read("a.csv", text).text == (
        "name: Jo; the first\nnote: two\nlines, with a comma\n\nname: Al\nnote: none"
    )


def test_commas_in_amounts_do_not_divide(read: Read):
    assert read("a.csv", "item;price\nPie;3,50\nSoup;4,20\n").text == (
        "item: Pie\nprice: 3,50\n\nitem: Soup\nprice: 4,20"
    )


def test_columns_without_names_are_counted(read: Read):
    assert read("a.csv", "Jo,7\nAl,8\n").text == (
        "column 1: Jo\ncolumn 2: 7\n\ncolumn 1: Al\ncolumn 2: 8"
    )
    assert read("a.csv", "name,\nJo,x,y\n").text == "name: Jo\ncolumn 2: x\ncolumn 3: y"


def test_one_column_is_a_table_too(read: Read):
    assert read("a.csv", "name\nJo\n").text == "name: Jo"


def test_a_first_row_alone_is_told(read: Read):
    assert read("a.csv", "name,city\n").text == "name\ncity"


@pytest.mark.parametrize("text", ['"' * 100_001, '"a,' * 50_000, ",;|\t" * 50_000 + "x"])
def test_odd_quotes_and_delimiters_do_no_harm(read: Read, text: str):
    assert len(read("a.csv", f"{text}\nend,1").text) < 2_000_000
