"""Files from the web: into a temporary file, within bounds, never to where it is not allowed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common import http
from common.downloads import fetch_file
from tests.common.test_http import HOSTILE
from tests.fakes.site import FakeSite, drips, is_endless, is_slow, redirects, says
from vocabulary.errors import (
    AddressRefused,
    TooLarge,
    UpstreamRefused,
    UpstreamTimedOut,
    UpstreamUnavailable,
)


@pytest.fixture
def site(settings, tmp_path) -> Iterator[FakeSite]:
    settings.ALLOW_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    settings.DATA_DIR = tmp_path
    with FakeSite() as site:
        yield site


@pytest.fixture(autouse=True)
async def closed() -> object:
    yield
    await http.close()


async def test_a_file_is_there_while_it_is_used_and_gone_afterwards(site, tmp_path):
    site.pages["/a"] = says(b"sound" * 100_000, "audio/wav; rate=8000")
    async with fetch_file(f"{site.url}/a", most=1_000_000) as fetched:
        assert fetched.path.read_bytes() == b"sound" * 100_000
        assert fetched.path.parent == tmp_path / "tmp"
        assert (fetched.size, fetched.media_type) == (500_000, "audio/wav")
        assert fetched.final_url == f"{site.url}/a"
    assert not fetched.path.exists()


async def test_an_empty_file_is_a_file(site):
    site.pages["/a"] = says(b"")
    async with fetch_file(f"{site.url}/a", most=1) as fetched:
        assert fetched.size == 0


async def test_it_is_gone_too_when_its_use_fails(site):
    site.pages["/a"] = says("x")
    path = Path()
    with pytest.raises(ZeroDivisionError):
        async with fetch_file(f"{site.url}/a", most=10) as fetched:
            path = fetched.path
            raise ZeroDivisionError
    assert path.name and not path.exists()


async def test_redirects_are_followed_three_times_and_no_more(site):
    site.pages |= {f"/{n}": redirects(f"/{n + 1}") for n in range(4)}
    site.pages["/4"] = says("there")
    async with fetch_file(f"{site.url}/1", most=10) as fetched:
        assert fetched.final_url == f"{site.url}/4"
    with pytest.raises(UpstreamUnavailable, match="more than 3 times"):
        async with fetch_file(f"{site.url}/0", most=10):
            pass


async def test_a_redirect_may_be_refused_by_who_asks(site):
    site.pages["/a"] = redirects(f"{site.url}/b")
    with pytest.raises(UpstreamRefused, match="redirects to 127"):
        async with fetch_file(f"{site.url}/a", most=10, may_follow=lambda url: False):
            pass
    assert "/b" not in site.asked


async def test_a_redirect_to_nowhere_is_an_error(site):
    site.pages["/a"] = redirects("")
    with pytest.raises(UpstreamUnavailable, match="nowhere"):
        async with fetch_file(f"{site.url}/a", most=10):
            pass


@pytest.mark.parametrize("spelling", HOSTILE)
async def test_no_spelling_of_a_private_address_is_fetched(site, settings, spelling):
    settings.ALLOW_PRIVATE_NETWORKS = []
    with pytest.raises((AddressRefused, UpstreamUnavailable)):
        async with fetch_file(spelling.format(port=site.port), most=10):
            pass
    assert not site.asked


@pytest.mark.parametrize(
    "onward",
    [
        "http://169.254.169.254/latest/",
        "http://10.0.0.1/",
        "//[::1]/",
        "http://2130706433/",
        "http://[::ffff:10.0.0.1]/",
        "http://user:word@127.0.0.1/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://[",
        "http://127.0.0.1/" + "x" * 2000,
    ],
)
async def test_no_redirect_leads_to_a_private_address(site, onward):
    site.pages["/a"] = redirects(onward)
    with pytest.raises(AddressRefused):
        async with fetch_file(f"{site.url}/a", most=10):
            pass


async def test_more_bytes_than_allowed_are_not_taken(site):
    site.pages |= {"/announced": says(b"x" * 11), "/endless": is_endless}
    for path in ("/announced", "/endless"):
        with pytest.raises(TooLarge, match="larger than 10 bytes"):
            async with fetch_file(site.url + path, most=10):
                pass


async def test_one_deadline_holds_for_silence_and_for_dripping(site):
    site.pages |= {"/silent": is_slow(), "/drips": drips}
    for path in ("/silent", "/drips"):
        with pytest.raises(UpstreamTimedOut, match=r"127\.0\.0\.1 did not answer in time"):
            async with fetch_file(site.url + path, most=10_000, total=0.15):
                pass


async def test_an_answer_that_is_no_success_is_told_with_its_status(site):
    with pytest.raises(UpstreamRefused, match="answered 404") as caught:
        async with fetch_file(f"{site.url}/missing?key=canary", most=10):
            pass
    assert caught.value.status == 404
    assert "canary" not in str(caught.value)
