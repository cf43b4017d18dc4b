"""How addresses of pages are spelled, compared and turned into paths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.names import check_path
from knowledge.crawling.addresses import Site, bucket_path, canonical, digest


@pytest.mark.parametrize(
    ("given_url", "spelled"),
    [
        ("HTTP://Example.COM:80/a/../b#part", "http://example.com/b"),
        ("https://example.com:443", "https://example.com/"),
        ("https://example.com./a//", "https://example.com/a/"),
        ("https://example.com/a?utm_source=x&b=1#c", "https://example.com/a?utm_source=x&b=1"),
        ("https://example.com/a?", "https://example.com/a"),
        ("https://example.com/%7ea/ü", "https://example.com/~a/%C3%BC"),
        (" https://bücher.example/x ", "https://xn--bcher-kva.example/x"),
        ("http://example.com:8080/", "http://example.com:8080/"),
    ],
)
def test_an_address_has_one_spelling(given_url: str, spelled: str):
    assert canonical(given_url) == spelled
    assert canonical(spelled) == spelled


@pytest.mark.parametrize(
    "text",
    ["", "x", "/a", "ftp://example.com/", "mailto:a@example.com", "javascript:alert(1)", "http://",
     "http://[", "http://a:b@example.com/", "http://example.com:99999/", "file:///etc/passwd",
     "http://example.com/" + "x" * 2000],
)  # fmt: skip
def test_what_is_no_address_has_none(text: str):
    assert canonical(text) is None


def test_a_site_is_one_host_with_and_without_www():
    site = Site.of("https://example.com/a")
    assert all(site.holds(url) for url in ["http://www.example.com/b", "https://example.com:443/"])
    assert not any(
        site.holds(url)
        for url in [
            "https://docs.example.com/",
            "https://example.com:8443/",
            "https://example.org/",
            "https://example.com.evil.org/",
            "https://[",
        ]
    )


def test_scheme_www_and_a_last_slash_make_no_other_page():
    same = ["http://example.com/a", "https://www.example.com/a", "https://example.com/a/"]
    assert len({digest(url) for url in same}) == 1
    assert digest("https://example.com/a") != digest("https://example.com/A")
    assert digest("https://example.com/a") != digest("https://example.com/a?b=1")


@pytest.mark.parametrize(
    ("url", "suffix", "path"),
    [
        ("https://www.example.com/", ".html", "example.com/index.html"),
        ("https://example.com/docs/start", ".html", "example.com/docs/start/index.html"),
        ("https://example.com/docs/start/", ".html", "example.com/docs/start/index.html"),
        ("https://example.com/docs/start.html", ".html", "example.com/docs/start.html"),
        ("https://example.com/Price%20list.pdf", ".pdf", "example.com/Price-list~*.pdf"),
        ("https://example.com/%C3%BCber", ".html", "example.com/über/index.html"),
        ("https://example.com/a.php?x=1", ".html", "example.com/a.php~*.html"),
        ("https://example.com/index.html", ".html", "example.com/index~*.html"),
        ("http://127.0.0.1:8000/a", ".json", "127.0.0.1-8000/a/index.json"),
        ("http://[::1]/a", ".txt", "--1/a/index.txt"),
    ],
)
def test_a_path_reads_like_the_address(url: str, suffix: str, path: str):
    found = bucket_path(url, suffix)
    before, star, after = path.partition("*")
    assert found.startswith(before) and found.endswith(after)
    assert len(found) == len(path) + (11 if star else 0)


@given(st.text(max_size=1500), st.text(max_size=1500))
def test_pages_have_paths_of_their_own_that_a_bucket_takes(one: str, other: str):
    urls = [canonical(f"https://example.com/{text}") for text in (one, other)]
    paths = {url and digest(url): url and bucket_path(url, ".html") for url in urls}
    for path in paths.values():
        if path is not None:
            check_path(path)
    assert len(set(paths.values())) == len(paths)
