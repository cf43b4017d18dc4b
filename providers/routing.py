"""From the model a caller names to the upstream that serves it.

What an organisation may ask for is kept in memory, true as of each call: a change of its accounts,
models or prices is seen by the next request in every process.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from common import clock, plugboard
from organisations.actor import Actor
from organisations.models import Organisation
from organisations.remembered import Remembered
from organisations.revisions import PROVIDERS
from providers import catalogue
from providers.accounts import Offer, load_offers
from providers.catalogue import Card, Catalogue
from providers.models import Power
from providers.protocols import (
    ChatProvider,
    EmbeddingProvider,
    Facts,
    FinetuningProvider,
    GuidingProvider,
    SpeechProvider,
    Target,
    TranscriptionProvider,
)
from vocabulary.errors import InvalidRequest, ModelNotFound, NotInstalled

FALLBACK_INSIGHT_MODEL = "builtin/extractive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A model under the names callers use, and where it leads."""

    name: str
    power: Power
    target: Target


class Routes:
    """The routes of one organisation, by `account/model` and by the bare model."""

    def __init__(self, routes: list[Route]) -> None:
        self._by_name = {route.name: route for route in routes}
        self._by_model: dict[str, list[Route]] = {}
        for route in routes:
            self._by_model.setdefault(route.target.model, []).append(route)

    def find(self, model: str, power: Power) -> Target:
        """Raises `ModelNotFound`, or `InvalidRequest` for a model that lacks `power` or is
        offered by several accounts."""
        route = self._by_name.get(model)
        candidates = self._by_model.get(model, []) if route is None else [route]
        if not candidates:
            raise ModelNotFound(f"the model '{model}' does not exist")
        able = [candidate for candidate in candidates if candidate.power == power]
        if not able:
            raise InvalidRequest("model", f"'{model}' is not a model for {power.label.lower()}")
        if len(able) > 1:
            names = ", ".join(candidate.name for candidate in able)
            raise InvalidRequest("model", f"several upstreams offer '{model}'; name one of {names}")
        return able[0].target


async def resolve(actor: Actor, model: str, power: Power) -> Target:
    """Where the organisation's `model` is served: `account/model`, or bare where only one has it.

    Raises `ModelNotFound`, also for what only others offer, or `InvalidRequest`.
    """
    routes = await _routes.get((actor.organisation_id, clock.now().date()))
    return routes.find(model, power)


def chat_provider(kind: str) -> ChatProvider:
    """The adapter of upstreams of this kind."""
    return _adapter(kind, ChatProvider, "does not chat")


def embedding_provider(kind: str) -> EmbeddingProvider:
    return _adapter(kind, EmbeddingProvider, "makes no embeddings")


def speech_provider(kind: str) -> SpeechProvider:
    return _adapter(kind, SpeechProvider, "does not speak")


def transcription_provider(kind: str) -> TranscriptionProvider:
    return _adapter(kind, TranscriptionProvider, "does not transcribe")


def finetuning_provider(kind: str) -> FinetuningProvider:
    return _adapter(kind, FinetuningProvider, "trains no models")


def insight_model(organisation: Organisation) -> str:
    """The model of insight runs that name none: the organisation's choice, else the first chat
    model of its first upstream, else the builtin one. Reads the database."""
    if organisation.insight_model:
        return organisation.insight_model
    offers = load_offers(organisation.pk)
    return next((o.name for o in offers if _is_own_chat(o)), FALLBACK_INSIGHT_MODEL)


def _is_own_chat(offer: Offer) -> bool:
    return offer.account.id is not None and offer.power == Power.CHAT and not offer.base


def _load_routes(place: tuple[uuid.UUID, date]) -> Routes:
    organisation_id, day = place
    known = catalogue.load(organisation_id)
    return Routes([_route(offer, known, day) for offer in load_offers(organisation_id)])


def _route(offer: Offer, known: Catalogue, day: date) -> Route:
    target = Target(
        account=offer.account,
        model=offer.model,
        facts=replace(_facts(known.card_of(offer)), guides=_guides(offer.account.kind)),
        tariff=known.find_tariff(offer.name, day) or known.find_tariff(offer.base, day),
        alias=offer.alias,
    )
    return Route(name=offer.name, power=offer.power, target=target)


def _facts(card: Card | None) -> Facts:
    if card is None:
        return Facts()
    return Facts(
        writes_schema=card.writes_schema,
        calls_tools=card.calls_tools,
        sees_images=card.sees_images,
        searches=card.searches,
        max_completion_tokens=card.max_completion_tokens,
    )


def _guides(kind: str) -> bool:
    """Of a kind that is there; calls to others fail when they are made."""
    path = plugboard.row("PROVIDERS", kind)
    adapter = _made(path) if path is not None else None
    return isinstance(adapter, GuidingProvider) and adapter.guides


def _path(kind: str) -> str:
    path = plugboard.row("PROVIDERS", kind)
    if path is None:
        raise NotInstalled(f"there is no adapter for upstreams of kind '{kind}'")
    return path


def _adapter[P](kind: str, power: type[P], lack: str) -> P:
    """Raises `InvalidRequest` for an upstream that lacks the power."""
    adapter = _made(_path(kind))
    if not isinstance(adapter, power):
        raise InvalidRequest("model", f"this model's upstream {lack}")
    return adapter


@cache
def _made(path: str) -> object:
    adapter: object = plugboard.load(path)()
    return adapter


_routes = Remembered(PROVIDERS, _load_routes, most=1_000)
