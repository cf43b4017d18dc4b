"""Numbered pages: the SDK's iteration ends only if `meta` tells the truth."""

import pytest

from common.paging import Page, PageNumber
from surfaces.telnyx.translate.pages import parse_page, render_page
from surfaces.telnyx.translate.queries import InvalidQuery


def test_without_parameters_the_first_twenty():
    assert parse_page({}, smallest=1, largest=100) == PageNumber(number=1, size=20)


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ({"page[size]": ["101"]}, "page[size]"),
        ({"page[size]": ["0"]}, "page[size]"),
        ({"page[number]": ["0"]}, "page[number]"),
    ],
)
def test_out_of_the_documented_bounds_is_invalid(query: dict[str, list[str]], fault: str):
    with pytest.raises(InvalidQuery) as caught:
        parse_page(query, smallest=1, largest=100)
    assert caught.value.path == fault


def test_meta_echoes_the_page_and_counts_all():
    page = Page(items=[5, 6], number=3, size=2, total=7)
    assert render_page(page, lambda n: {"n": n}) == {
        "data": [{"n": 5}, {"n": 6}],
        "meta": {"page_number": 3, "page_size": 2, "total_pages": 4, "total_results": 7},
    }


def test_pages_of_no_size_have_no_number():
    page: Page[int] = Page(items=[], number=1, size=0, total=7)
    assert render_page(page, lambda n: {})["meta"] == {
        "page_number": 1,
        "page_size": 0,
        "total_pages": 0,
        "total_results": 7,
    }
