"""Signed links: what they give, and that nothing else is given."""

from datetime import timedelta

import pytest

from common import clock, ids
from files import links
from vocabulary.errors import NotFound


def _sign(minutes: float) -> str:
    until = clock.now() + timedelta(minutes=minutes)
    blob = ids.new_uuid()
    return links.sign(blob, filename="a b.csv", content_type="text/csv", expires_at=until)


def test_a_link_gives_what_was_signed():
    link = links.read(_sign(1))
    assert (link.filename, link.content_type) == ("a b.csv", "text/csv")


def test_a_link_that_is_over_says_so():
    with pytest.raises(links.Expired):
        links.read(_sign(-1))


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: "x" + t, lambda t: "", lambda t: "a:b:c"]
)
def test_a_token_of_somebody_else_is_nothing(change):
    with pytest.raises(NotFound) as refused:
        links.read(change(_sign(1)))
    assert not isinstance(refused.value, links.Expired)


def test_the_address_is_the_server_s():
    assert links.url("t", "https://x.example/") == "https://x.example/files/t"
