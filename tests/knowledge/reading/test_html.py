"""A web page is read as what its reader sees, and markup can do no harm."""

import pytest

from knowledge.reading.extracts import Unreadable
from tests.knowledge.reading.conftest import Read

PAGE = """<!doctype html><html><head><title> Opening
 hours </title><style>p { color: red }</style><script>alert("x")</script></head>
<body><nav><a href="/">Home</a></nav>
<h1>When we are <em>open</em></h1>
<p>Monday&nbsp;to Friday,<br>nine to five.</p>tail of the page
<ul><li>One<li>Two <b>and</b> a half</ul>
<table><tr><th>Day<th>Hours</tr><tr><td>Monday<td>9-5</tr></table>
<div hidden>secret</div><noscript>Enable scripts</noscript><template><p>ghost</p></template>
<script>document.write("<p>not me</p>")</script><!-- nor me --><svg><text>nor me</text></svg>
</body></html>"""


def test_a_page_is_its_title_and_what_its_reader_sees(read: Read):
    extract = read("page.html", PAGE)
    assert extract.title == "Opening hours"
    assert extract.text.split("\n\n") == [
        "When we are open",
        "Monday to Friday,\nnine to five.",
        "tail of the page",
        "One\nTwo and a half",
        "Day | Hours\nMonday | 9-5",
    ]


def test_a_page_without_any_words_is_unreadable(read: Read):
    with pytest.raises(Unreadable, match="no text"):
        read("page.html", "<html><script>let x = 1</script>")


def test_markup_in_text_stays_text(read: Read):
    assert read("page.html", "<p>a &lt;script&gt; b").text == "a <script> b"


@pytest.mark.parametrize("tag", ["<div>", "<b>", "<table><tr><td>", "<div hidden>"])
def test_markup_that_is_nested_too_deeply_is_refused(read: Read, tag: str):
    with pytest.raises(Unreadable, match="nested too deeply"):
        read("page.html", f"<html>{tag * 100_000}x")


def test_long_pages_are_not_deep_ones(read: Read):
    page = "<html><ul>" + "<li><p>x<br>" * 20_000 + "</ul>" + "<p>paragraph" * 20_000
    assert read("page.html", page).text.endswith("paragraph\n\nparagraph")


def test_deep_markup_below_the_limit_is_read(read: Read):
    assert read("page.html", "<html>" + "<div>" * 9_000 + "deep").text == "deep"
