"""What may be asked for: the models of an organisation's upstreams and the builtin ones."""

import uuid
from dataclasses import dataclass, field
from typing import Literal

from common import clock
from organisations.actor import Actor
from providers import catalogue
from providers.accounts import Offer, load_offers
from providers.catalogue import Card, Catalogue
from providers.models import Power
from providers.prices import Tariff
from providers.tuned import is_trainable
from vocabulary.errors import ModelNotFound

type Tier = Literal["small", "medium", "large", "unlisted"]

_SMALL, _MEDIUM = 13e9, 80e9


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelView:
    """A model as lists show it. `created` is Unix seconds; unknown numbers are 0, texts empty.

    Of one that was fine-tuned, `owned_by` is the organisation's id.
    """

    id: str
    owned_by: str
    created: int
    power: Power
    card: Card = field(default_factory=Card)
    tariff: Tariff | None = None
    base_model: str = ""
    is_trainable: bool = False

    @property
    def organisation(self) -> str:
        """Who made it: as the catalogue says, else the upstream's own id up to a slash; who had it
        fine-tuned."""
        if self.base_model:
            return self.owned_by
        maker, slash, _ = self.id.partition("/")[2].rpartition("/")
        return self.card.organisation_name or (maker if slash else self.owned_by)

    @property
    def tier(self) -> Tier:
        if not self.card.parameters:
            return "unlisted"
        if self.card.parameters <= _SMALL:
            return "small"
        return "medium" if self.card.parameters <= _MEDIUM else "large"


def find_models(actor: Actor, power: Power | None = None) -> list[ModelView]:
    """All models (of one `power`) that the organisation may ask for, its own upstreams' first."""
    known = catalogue.load(actor.organisation_id)
    offers = load_offers(actor.organisation_id)
    owner = actor.organisation_id
    return [_view(o, known, owner) for o in offers if power is None or o.power == power]


def find_offers(actor: Actor, power: Power) -> list[Offer]:
    """As `find_models`, with the accounts that serve them."""
    return [o for o in load_offers(actor.organisation_id) if o.power == power]


def get_model(actor: Actor, name: str) -> ModelView:
    """The model called `name`, bare or in full. Of several with the same bare id, the first."""
    models = find_models(actor)
    for model in models:
        if model.id == name:
            return model
    for model in models:
        if model.id.partition("/")[2] == name:
            return model
    raise ModelNotFound(f"the model '{name}' does not exist")


def _view(offer: Offer, known: Catalogue, owner: uuid.UUID) -> ModelView:
    card, day = known.card_of(offer), clock.now().date()
    return ModelView(
        id=offer.name,
        owned_by=str(owner) if offer.base else offer.account.name,
        created=offer.created,
        power=offer.power,
        card=card or Card(power=offer.power),
        tariff=known.find_tariff(offer.name, day) or known.find_tariff(offer.base, day),
        base_model=offer.base,
        is_trainable=is_trainable(offer, card),
    )
