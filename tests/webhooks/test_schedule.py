"""When a failed delivery is tried again."""

import pytest

from webhooks import schedule

HOURS = 3600
PROMISED = [5, 300, 1800, *(hours * HOURS for hours in (2, 5, 10, 14, 20, 24))]


@pytest.fixture
def true_scale(settings):
    settings.WEBHOOK_SCHEDULE_SCALE = 1


@pytest.mark.parametrize(("number", "promised"), list(enumerate(PROMISED, 1)))
def test_each_wait_is_the_promised_one_give_or_take_a_fifth(true_scale, number, promised):
    waits = [schedule.wait_after(number) for _ in range(200)]
    assert all(0.8 * promised <= wait <= 1.2 * promised for wait in waits)
    assert len(set(waits)) > 1


def test_the_tenth_attempt_is_the_last():
    assert schedule.MOST_ATTEMPTS == 10
    assert schedule.wait_after(10) is None
    assert schedule.wait_after(10, retry_after=1) is None


def test_all_waits_together_are_about_75_hours():
    assert sum(schedule.WAITS) / HOURS == pytest.approx(75.6, abs=0.1)


def test_the_receivers_wish_wins_up_to_a_day(true_scale):
    assert schedule.wait_after(1, retry_after=77) == 77
    assert schedule.wait_after(9, retry_after=0) == 0
    assert schedule.wait_after(1, retry_after=30 * 24 * HOURS) == 24 * HOURS


def test_the_scale_multiplies_every_wait(settings):
    settings.WEBHOOK_SCHEDULE_SCALE = 0.001
    assert schedule.wait_after(4) == pytest.approx(7.2, rel=0.2)
    assert schedule.scaled(schedule.PATIENCE) == pytest.approx(432)
