"""Fine-tuned models: what may be the base of one, and the rows of those there are."""

import uuid

from common import clock
from organisations import revisions
from organisations.actor import Actor
from providers import catalogue, routing
from providers.accounts import Offer, load_offers
from providers.builtin.tuning.store import spell_id
from providers.catalogue import Card
from providers.models import Power, Provider, TunedModel
from providers.protocols import FinetuningProvider, Target
from vocabulary.errors import InvalidRequest, ModelNotFound, NotInstalled
from vocabulary.finetuning import TuningState

NAME_LENGTH = 200


def find_tuned_models(actor: Actor) -> list[TunedModel]:
    """The newest first."""
    return list(TunedModel.objects.for_organisation(actor.organisation_id).defer("weights"))


def get_base(actor: Actor, model: str) -> Target:
    """Where `model` (in full, or bare where one account has it) is trained.

    Raises `ModelNotFound`, or `InvalidRequest` for one that cannot be trained.
    """
    known = catalogue.load(actor.organisation_id)
    offers = load_offers(actor.organisation_id)
    named = [o for o in offers if o.name == model] or [o for o in offers if o.model == model]
    if not named:
        raise ModelNotFound(f"the model '{model}' does not exist")
    able = [offer for offer in named if is_trainable(offer, known.card_of(offer))]
    if not able:
        raise InvalidRequest("model", f"'{model}' cannot be fine-tuned")
    if len(able) > 1:
        names = ", ".join(offer.name for offer in able)
        raise InvalidRequest("model", f"several upstreams offer '{model}'; name one of {names}")
    return Target(account=able[0].account, model=able[0].model)


def is_trainable(offer: Offer, card: Card | None) -> bool:
    """A chat model of an upstream that trains, or what the catalogue says may be trained. Whether
    it really will, only the upstream knows."""
    if offer.base:
        return False
    if offer.account.kind == "builtin":
        return card is not None and card.is_trainable
    return offer.power == Power.CHAT and _trains(offer.account.kind)


def add_tuned_model(
    organisation_id: uuid.UUID, *, name: str, base: Target, state: TuningState
) -> TunedModel:
    """Offer what was trained under `name`; every process learns of it by this transaction's
    commit. A second time there is nothing to add."""
    row = TunedModel(organisation_id=organisation_id, name=name, created_at=clock.now())
    values = {
        "id": row.pk,
        "base_model": base.name,
        "provider": _provider(organisation_id, base),
        "upstream_id": state.model or spell_id(row.pk),
        "labels": list(state.labels),
        "weights": state.weights,
    }
    rows = TunedModel.objects.for_organisation(organisation_id)
    made, _ = rows.get_or_create(name=name, defaults={**values, "organisation_id": organisation_id})
    revisions.bump(revisions.PROVIDERS)
    return made


def _provider(organisation_id: uuid.UUID, base: Target) -> Provider | None:
    """Raises `ModelNotFound` where the account was deleted meanwhile."""
    if base.account.id is None:
        return None
    rows = Provider.objects.for_organisation(organisation_id)
    if (found := rows.filter(pk=base.account.id).first()) is None:
        raise ModelNotFound("the account that trained this model was deleted")
    return found


def _trains(kind: str) -> bool:
    try:
        return isinstance(routing.finetuning_provider(kind), FinetuningProvider)
    except (InvalidRequest, NotInstalled):
        return False
