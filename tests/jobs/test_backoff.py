"""How long a failed job waits."""

import pytest

from jobs import backoff
from vocabulary.errors import RateLimited, UpstreamRateLimited


@pytest.mark.parametrize(
    ("attempt", "most"), [(1, 1), (2, 2), (3, 4), (9, 256), (10, 300), (5000, 300)]
)
def test_the_wait_doubles_up_to_five_minutes(attempt, most):
    assert backoff.delay(attempt, chance=1) == most


def test_the_jitter_is_full():
    waits = [backoff.delay(8) for _ in range(500)]
    assert min(waits) < 20 and max(waits) > 100


def test_what_an_upstream_asks_for_wins():
    assert backoff.delay(1, UpstreamRateLimited(retry_after=42)) == 42
    assert backoff.delay(1, RateLimited(retry_after=7)) == 7


def test_what_an_upstream_asks_for_is_capped_at_an_hour():
    assert backoff.delay(1, UpstreamRateLimited(retry_after=1e9)) == 3600


def test_an_upstream_that_names_no_time_gets_the_usual_wait():
    assert backoff.delay(1, UpstreamRateLimited(), chance=1) == 1
