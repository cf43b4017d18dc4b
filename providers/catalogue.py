"""What is known of models: the facts shipped in `models.toml`, and rows that say otherwise.

A price is looked for among the organisation's own, then those for all organisations, then the
shipped ones; in each, `provider/model` comes before the bare model. Without any, cost is unknown.
"""

import re
import tomllib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Q

from providers.accounts import Offer
from providers.builtin.models import MODELS, BuiltinModel
from providers.models import CatalogueModel, Power, Price
from providers.prices import DatedTariff, PriceList, Tariff, spellings

_SHIPPED = Path(__file__).with_name("models.toml")
_TRANSCRIPTION = re.compile(
    r"whisper|transcri|parakeet|speech-to-text|(^|[/_.-])(stt|asr|scribe|nova-\d)", re.I
)
_SPEECH = re.compile(
    r"text-to-speech|naturalhd|polly|(^|[/_.-])(x?tts|aura|eleven|kokoro|piper)([/_.-]|$)", re.I
)
_EMBEDDING = re.compile(r"embed|(^|[/_.-])(gte|e5|bge|minilm|mpnet|nomic|jina|ada)([/_.-]|$)", re.I)

_WORDS = (
    (_TRANSCRIPTION, Power.TRANSCRIPTION),
    (_SPEECH, Power.SPEECH),
    (_EMBEDDING, Power.EMBEDDING),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a model is, wherever it is served; `CatalogueModel` explains the fields. 0: unknown."""

    organisation_name: str = ""
    power: Power = Power.CHAT
    context_length: int = 0
    max_completion_tokens: int | None = None
    parameters: int = 0
    languages: tuple[str, ...] = ()
    licence: str = ""
    sees_images: bool = False
    calls_tools: bool = True
    searches: bool = True
    writes_schema: bool = False
    is_trainable: bool = False
    description: str = ""

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "Card":
        """From a table of `models.toml`, a row's values or the like; other keys are left out."""
        known = {f.name: facts[f.name] for f in fields(cls) if f.name in facts}
        if "languages" in known:
            known["languages"] = tuple(known["languages"])
        if "power" in known:
            known["power"] = Power(known["power"])
        return cls(**known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Cards and prices as one organisation sees them; the first list that has a price decides."""

    cards: Mapping[str, Card]
    prices: tuple[PriceList, ...] = field(default=())

    def find_card(self, name: str) -> Card | None:
        """The card of `provider/model`, by the longest pattern that its name ends with."""
        return next((self.cards[s] for s in spellings(name) if s in self.cards), None)

    def card_of(self, offer: Offer) -> Card | None:
        """That of what is offered; a fine-tuned model chats, and is for the rest as its base."""
        card = self.find_card(offer.name)
        if card is not None or not offer.base:
            return card
        base = self.find_card(offer.base)
        return base and replace(
            base, power=offer.power, is_trainable=False, description=f"Fine-tuned {offer.base}."
        )

    def find_tariff(self, name: str, day: date) -> Tariff | None:
        found = (prices.find(name, day) for prices in self.prices)
        return next((tariff for tariff in found if tariff is not None), None)

    def guess_power(self, name: str) -> Power:
        """From the model's card, else from words that models for one thing have in their names."""
        if (card := self.find_card(name)) is not None:
            return card.power
        return next((power for words, power in _WORDS if words.search(name)), Power.CHAT)


def load(organisation_id: uuid.UUID) -> Catalogue:
    """The shipped catalogue under the rows of the database, as they are now."""
    shipped = load_shipped()
    rows = Price.objects.filter(Q(organisation_id=organisation_id) | Q(organisation=None))
    own: list[DatedTariff] = []
    common: list[DatedTariff] = []
    for row in rows:
        (common if row.organisation_id is None else own).append(_dated(row))
    return Catalogue(
        cards={**shipped.cards, **_own_cards()},
        prices=(PriceList(own), PriceList(common), *shipped.prices),
    )


@cache
def load_shipped() -> Catalogue:
    """`models.toml` and what the builtin models say of themselves, read once."""
    tables = tomllib.loads(_SHIPPED.read_text(), parse_float=Decimal)["model"]
    cards = {pattern.lower(): Card.of(table) for table in tables for pattern in table["ids"]}
    return Catalogue(
        cards={**cards, **{_builtin_name(model): _builtin_card(model) for model in MODELS}},
        prices=(PriceList([*_shipped_prices(tables), *map(_builtin_price, MODELS)]),),
    )


def _builtin_name(model: BuiltinModel) -> str:
    return f"builtin/{model.id}"


def _builtin_card(model: BuiltinModel) -> Card:
    """What these find, they quote; what to search for they cannot think of."""
    own = {"organisation_name": "builtin", "writes_schema": True, "searches": False}
    return Card.of({**own, **asdict(model)})


def _builtin_price(model: BuiltinModel) -> DatedTariff:
    return DatedTariff(
        pattern=_builtin_name(model), starts_on=date.min, tariff=Tariff(prompt=Decimal(0))
    )


def _shipped_prices(tables: Iterable[Mapping[str, Any]]) -> Iterable[DatedTariff]:
    for table in tables:
        for price in table.get("prices", ()):
            amounts = {name: Decimal(value) for name, value in price.items() if name != "from"}
            for pattern in table["ids"]:
                yield DatedTariff(
                    pattern=pattern, starts_on=price["from"], tariff=Tariff(**amounts)
                )


def _own_cards() -> dict[str, Card]:
    return {row["pattern"].lower(): Card.of(row) for row in CatalogueModel.objects.values()}


def _dated(row: Price) -> DatedTariff:
    return DatedTariff(
        pattern=row.pattern,
        starts_on=row.starts_on,
        tariff=Tariff(
            prompt=row.prompt,
            completion=row.completion,
            cached_prompt=row.cached_prompt,
            audio_minute=row.audio_minute,
            characters=row.characters,
        ),
    )
