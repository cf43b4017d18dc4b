"""The links of a page, as absolute addresses, for the crawler to follow."""

import time

from knowledge.reading.links import find_links

BASE = "https://example.com/docs/start"


def test_links_are_absolute_in_order_and_once():
    page = """<a href="intro">1</a> <A class=x HREF='/top#part'>2</A> <a href=//other.org/x>3</a>
    <a href="intro#again">4</a> <area href="?page=2&amp;size=3"> <a name="x">5</a>"""
    assert find_links(page, BASE) == [
        "https://example.com/docs/intro",
        "https://example.com/top",
        "https://other.org/x",
        "https://example.com/docs/start?page=2&size=3",
    ]


def test_the_page_s_own_base_counts():
    assert find_links('<base href="/v2/"><a href="a">', BASE) == ["https://example.com/v2/a"]


def test_what_is_no_web_address_is_left_out():
    page = "".join(
        f'<a href="{href}">'
        for href in (
            "mailto:a@b.c",
            "javascript:x()",
            "tel:1",
            "http://[",
            "https://",
            "",
            "x" * 3000,
        )
    )
    assert find_links(page, BASE) == [BASE]


def test_scripts_and_comments_have_no_links():
    page = """<script>'<a href="a">'</script><!-- <a href="b"> --><style><a href="c"></style>
    <a href="d"></a><script><a href="e">"""
    assert find_links(page, BASE) == ["https://example.com/docs/d"]


def test_no_markup_takes_longer_than_its_length():
    began = time.perf_counter()
    for part in ("<a ", "<script", "<!--", "<a href=", "<a href='", "<div>", "<a \thref"):
        find_links(part * 100_000, BASE)
    assert time.perf_counter() - began < 5
