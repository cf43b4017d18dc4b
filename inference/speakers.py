"""Who speaks and who listens: the accounts behind models of sound, and their voices."""

import asyncio
from dataclasses import dataclass

from common.db import in_thread
from inference.voices import list_voices, recall_voices
from organisations.actor import Actor
from providers import routing
from providers.models import Power
from providers.protocols import Account
from providers.queries import find_models, find_offers
from vocabulary.errors import DomainError, InvalidRequest
from vocabulary.speech import Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedVoice:
    """A voice, the name of the account that speaks with it, and the kind of its provider."""

    account: str
    provider: str
    voice: Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A model of sound: whose account has it, by which id, and the kind of its provider."""

    account: str
    upstream_id: str
    provider: str

    @property
    def model(self) -> str:
        """Its full name."""
        return f"{self.account}/{self.upstream_id}"


@dataclass(frozen=True, slots=True)
class Listener:
    """A model that transcribes. `languages` are those the catalogue knows, mostly none."""

    source: Source
    languages: tuple[str, ...]


def find_sources(actor: Actor, power: Power) -> list[Source]:
    """All models of that power, the organisation's own upstreams' first. Reads the database."""
    return [
        Source(account=o.account.name, upstream_id=o.model, provider=o.account.kind)
        for o in find_offers(actor, power)
    ]


def find_listeners(actor: Actor) -> list[Listener]:
    """Models that transcribe, the organisation's own upstreams' first. Reads the database."""
    known = {model.id: model.card for model in find_models(actor, Power.TRANSCRIPTION)}
    return [
        Listener(source, known[source.model].languages if source.model in known else ())
        for source in find_sources(actor, Power.TRANSCRIPTION)
    ]


async def get_kind(actor: Actor, model: str, power: Power) -> str:
    """The kind of provider that serves `model`. Raises as `routing.resolve`."""
    return (await routing.resolve(actor, model, power)).account.kind


async def find_voices(actor: Actor, provider: str = "") -> list[OfferedVoice]:
    """The voices of the organisation's accounts that speak, builtin last; of those alone whose
    kind or name is `provider`, if given.

    Asked for one provider, raises what went wrong there; asked for all, leaves out who fails.
    """
    accounts = await in_thread(_find_accounts, actor)
    if provider:
        accounts = [a for a in accounts if provider in (a.kind, a.name)]
        if not accounts:
            raise InvalidRequest("provider", f"no upstream for provider '{provider}'")
    found = await asyncio.gather(*(_voices_of(a, is_alone=bool(provider)) for a in accounts))
    return [offered for voices in found for offered in voices]


async def choose_voice(actor: Actor, model: str, name: str) -> str:
    """The id of the voice that `model` knows by this id or name; empty, which is its usual one,
    where it knows none or cannot say."""
    if not name:
        return ""
    target = await routing.resolve(actor, model, Power.SPEECH)
    try:
        voices = await recall_voices(target.account)
    except DomainError:
        return ""
    wanted = name.casefold()
    known = (one for one in voices if wanted in (one.id.casefold(), one.name.casefold()))
    return next((voice.id for voice in known), "")


def _find_accounts(actor: Actor) -> list[Account]:
    offers = find_offers(actor, Power.SPEECH)
    return list({offer.account.name: offer.account for offer in offers}.values())


async def _voices_of(account: Account, *, is_alone: bool) -> list[OfferedVoice]:
    try:
        voices = await list_voices(account)
    except DomainError:
        if is_alone:
            raise
        return []
    return [OfferedVoice(account=account.name, provider=account.kind, voice=v) for v in voices]
