"""What an inference costs, from which day on, and whose price counts."""

from datetime import date
from decimal import Decimal

import pytest

from providers.prices import DatedTariff, PriceList, Tariff, spellings
from vocabulary.chat import Usage

D = Decimal


def dated(pattern: str, day: str, prompt: str) -> DatedTariff:
    return DatedTariff(
        pattern=pattern, starts_on=date.fromisoformat(day), tariff=Tariff(prompt=D(prompt))
    )


def prompt_price(prices: PriceList, name: str, day: str) -> Decimal | None:
    tariff = prices.find(name, date.fromisoformat(day))
    return None if tariff is None else tariff.prompt


def test_cost_is_per_million_tokens_to_nine_decimals():
    tariff = Tariff(prompt=D("2.5"), completion=D("10"))
    assert tariff.cost(Usage(prompt_tokens=1_000, completion_tokens=7)) == D("0.002570000")
    assert tariff.cost(Usage(prompt_tokens=1)) == D("0.000002500")


def test_cached_tokens_have_their_own_price_and_are_part_of_the_prompt():
    tariff = Tariff(prompt=D("2"), cached_prompt=D("0.5"))
    usage = Usage(prompt_tokens=1_000_000, cached_tokens=400_000)
    assert tariff.cost(usage) == D("1.4")


def test_without_a_cached_price_cached_tokens_cost_the_full_one():
    usage = Usage(prompt_tokens=1_000_000, cached_tokens=400_000)
    assert Tariff(prompt=D(2)).cost(usage) == D(2)


def test_reasoning_tokens_are_not_charged_twice():
    usage = Usage(completion_tokens=1_000_000, reasoning_tokens=900_000)
    assert Tariff(prompt=D(0), completion=D(8)).cost(usage) == D(8)


@pytest.mark.parametrize(
    ("day", "price"), [("2025-06-09", D(10)), ("2025-06-10", D(2)), ("2025-01-01", None)]
)
def test_the_latest_price_that_has_begun_counts(day: str, price: Decimal | None):
    prices = PriceList([dated("o3", "2025-06-10", "2"), dated("o3", "2025-04-16", "10")])
    assert prompt_price(prices, "mine/o3", day) == price


def test_a_price_of_the_providers_model_wins_over_one_of_the_model():
    prices = PriceList([dated("m", "2025-06-01", "1"), dated("cheap/m", "2025-01-01", "0.5")])
    assert prompt_price(prices, "cheap/m", "2025-07-01") == D("0.5")
    assert prompt_price(prices, "dear/m", "2025-07-01") == D(1)


def test_a_pattern_matches_at_a_slash_only():
    assert list(spellings("Near/Meta/Llama")) == ["near/meta/llama", "meta/llama", "llama"]
    prices = PriceList([dated("gpt-4o", "2025-01-01", "1")])
    assert prompt_price(prices, "x/chatgpt-4o", "2025-07-01") is None
    assert prompt_price(prices, "x/OpenAI/GPT-4o", "2025-07-01") == D(1)
