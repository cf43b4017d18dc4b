"""What models cost: prices by pattern and day, and the cost of one inference."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from vocabulary.chat import Usage

_MILLION = 1_000_000
_NANO = Decimal("0.000000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """USD for a million tokens. Cached tokens without a price of their own cost the full one.

    `audio_minute` is USD for a minute listened to, `characters` for a million of them spoken.
    """

    prompt: Decimal
    completion: Decimal = Decimal(0)
    cached_prompt: Decimal | None = None
    audio_minute: Decimal = Decimal(0)
    characters: Decimal = Decimal(0)

    def cost(self, usage: Usage) -> Decimal:
        """USD, to nine decimals. Cached tokens are part of the prompt's."""
        cached_price = self.prompt if self.cached_prompt is None else self.cached_prompt
        fresh = usage.prompt_tokens - usage.cached_tokens
        total = (
            fresh * self.prompt
            + usage.cached_tokens * cached_price
            + usage.completion_tokens * self.completion
            + usage.characters * self.characters
        )
        listening = Decimal(str(usage.audio_seconds)) / 60 * self.audio_minute
        return (total / _MILLION + listening).quantize(_NANO)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedTariff:
    """From `starts_on` on, models that `pattern` names cost `tariff`."""

    pattern: str
    starts_on: date
    tariff: Tariff


class PriceList:
    """Prices of one origin, by pattern."""

    def __init__(self, prices: Iterable[DatedTariff]) -> None:
        self._by_pattern: dict[str, list[DatedTariff]] = {}
        for price in sorted(prices, key=lambda price: price.starts_on, reverse=True):
            self._by_pattern.setdefault(price.pattern.lower(), []).append(price)

    def find(self, name: str, day: date) -> Tariff | None:
        """The price of the model `provider/model` on `day`, by the longest pattern that has one."""
        for pattern in spellings(name):
            for price in self._by_pattern.get(pattern, ()):
                if price.starts_on <= day:
                    return price.tariff
        return None


def spellings(name: str) -> Iterator[str]:
    """What `a/b/c` may be called in a table: `a/b/c`, `b/c`, `c`; the longest name comes first."""
    rest = name.lower()
    while rest:
        yield rest
        rest = rest.partition("/")[2]
