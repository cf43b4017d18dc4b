"""What pages say to a crawler."""

from pathlib import Path

import pytest

from common.downloads import Fetched
from knowledge.crawling.pages import Page, read_page

URL = "https://example.com/a/"


def read(tmp_path: Path, body: str | bytes, kind: str = "text/html", **headers: str) -> Page:
    path = tmp_path / "page"
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    fetched = Fetched(path=path, size=1, final_url=URL, headers={"content-type": kind, **named})
    return read_page(fetched)


def test_links_are_canonical_and_each_there_once(tmp_path):
    body = """<a href="b#x">1</a><a href='/c//'>2</a><a href=b>3</a><a href="mailto:x@y">4</a>
    <a href="javascript:x()">5</a><a href="/logo.png">6</a><a href="http://[">7</a>"""
    links = read(tmp_path, body).links
    assert links == ("https://example.com/a/b", "https://example.com/c/")


def test_links_in_other_encodings_are_read(tmp_path):
    body = '<a href="/über">x</a>'.encode("latin-1")
    links = read(tmp_path, body, "text/html; charset=ISO-8859-1").links
    assert links == ("https://example.com/%C3%BCber",)
    for charset in ("nonsense", "punycode", "zip"):
        read(tmp_path, body, f"text/html; charset={charset}")


@pytest.mark.parametrize(
    ("content", "keeps", "follows"),
    [
        ("noindex", False, True),
        ("index, NoFollow", True, False),
        ("none", False, False),
        ("max-snippet:-1", True, True),
    ],
)
def test_wishes_of_a_page_are_heard(tmp_path, content, keeps, follows):
    link = '<a href="/b">x</a>'
    spelled = f"<meta content='{content}' NAME=robots>{link}"
    for page in (read(tmp_path, spelled), read(tmp_path, link, x_robots_tag=content)):
        assert (page.may_keep, bool(page.links)) == (keeps, follows)


def test_only_html_leads_anywhere(tmp_path):
    assert read(tmp_path, '<a href="/b">x</a>', "text/plain").links == ()


def test_hostile_markup_is_read_in_no_time(tmp_path):
    for piece in ("<a ", "<a href=", "<!--", "<meta ", "<meta name=robots ", "<script>", "<<<a"):
        read(tmp_path, piece * (1_000_000 // len(piece)))
