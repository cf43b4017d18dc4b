"""What a site asks of robots is done."""

import pytest

from common import http
from knowledge.crawling.robots import LONGEST_DELAY, get_robots, parse
from tests.fakes.site import FakeSite, is_endless, redirects, says

AGENT = "colloquy"


@pytest.fixture(autouse=True)
async def closed() -> object:
    yield
    await http.close()


def test_rules_for_us_come_before_those_for_all():
    robots = parse("User-agent: *\nDisallow: /\n\nUser-agent: colloquy\nDisallow: /a\n", AGENT)
    assert robots.why_not("http://x/b") == ""
    assert robots.why_not("http://x/a/c") == "robots.txt does not allow it"


def test_a_delay_is_kept_within_reason():
    assert parse("User-agent: *\nCrawl-delay: 2", AGENT).delay == 2
    assert parse("User-agent: *\nCrawl-delay: 86400", AGENT).delay == LONGEST_DELAY
    assert parse("", AGENT).delay == 0


async def test_a_file_is_asked_for_once(site: FakeSite):
    site.pages["/robots.txt"] = says("User-agent: *\nDisallow: /a", "text/plain")
    for _ in range(3):
        robots = await get_robots(f"{site.url}/x", AGENT)
        assert robots.why_not(f"{site.url}/a")
    assert site.asked["/robots.txt"] == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429])
async def test_where_there_is_none_all_is_allowed(site: FakeSite, status: int):
    site.pages["/robots.txt"] = says("", status=status)
    assert (await get_robots(site.url, AGENT)).why_not(f"{site.url}/a") == ""


@pytest.mark.parametrize("status", [500, 503])
async def test_where_the_server_fails_nothing_is_allowed(site: FakeSite, status: int):
    site.pages["/robots.txt"] = says("", status=status)
    refusal = (await get_robots(site.url, AGENT)).why_not(f"{site.url}/a")
    assert refusal == f"robots.txt cannot be read: 127.0.0.1 answered {status}"


async def test_a_file_without_end_allows_nothing(site: FakeSite):
    site.pages["/robots.txt"] = is_endless
    assert "larger" in (await get_robots(site.url, AGENT)).why_not(f"{site.url}/a")


async def test_a_redirect_to_a_private_address_allows_nothing(site: FakeSite):
    site.pages["/robots.txt"] = redirects("http://169.254.169.254/")
    assert "metadata" in (await get_robots(site.url, AGENT)).why_not(f"{site.url}/a")


def test_hostile_rules_are_matched_in_no_time():
    stars = "/" + "*a" * 500 + "*b"
    rules = "User-agent: *\n" + f"Disallow: {stars}\n" * 100
    assert parse(rules, AGENT).why_not("http://x/" + "a" * 1900) == ""
