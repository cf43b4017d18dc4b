"""An organisation's upstream accounts and what they offer, from rows to plain values."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from providers.builtin.models import MODELS
from providers.models import OfferedModel, Power, Provider, TunedModel
from providers.protocols import Account

BUILTIN = Account(name="builtin", kind="builtin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A model of an account, by the upstream's own id. `created` is Unix seconds.

    One that was fine-tuned has a name of its own, its `alias`; `base` is the full name of what it
    was made from.
    """

    account: Account
    model: str
    power: Power
    created: int = 0
    alias: str = ""
    base: str = ""

    @property
    def name(self) -> str:
        """What callers call it."""
        return self.alias or f"{self.account.name}/{self.model}"


def load_offers(organisation_id: uuid.UUID) -> list[Offer]:
    """What an organisation may ask for, its first upstream's first model first, then the builtin
    ones, then what was fine-tuned: nobody gets that unasked."""
    return [
        *_own_offers(organisation_id),
        *_builtin_offers(),
        *_tuned_offers(organisation_id),
    ]


def read_account(row: Provider) -> Account:
    return Account(
        id=row.pk,
        name=row.name,
        kind=row.kind,
        base_url=row.base_url.rstrip("/"),
        api_key=row.api_key,
        options=row.options,
    )


def _own_offers(organisation_id: uuid.UUID) -> Iterator[Offer]:
    rows = (
        OfferedModel.objects.for_organisation(organisation_id)
        .filter(is_enabled=True, provider__is_enabled=True)
        .select_related("provider")
        .order_by("provider__position", "provider__created_at", "position", "created_at")
    )
    accounts: dict[uuid.UUID, Account] = {}
    for row in rows:
        if row.provider_id not in accounts:
            accounts[row.provider_id] = read_account(row.provider)
        yield Offer(
            account=accounts[row.provider_id],
            model=row.upstream_id,
            power=Power(row.power),
            created=int(row.created_at.timestamp()),
        )


def _builtin_offers() -> Iterator[Offer]:
    for model in MODELS:
        yield Offer(account=BUILTIN, model=model.id, power=Power(model.power))


def _tuned_offers(organisation_id: uuid.UUID) -> Iterator[Offer]:
    rows = (
        TunedModel.objects.for_organisation(organisation_id)
        .exclude(provider__is_enabled=False)
        .select_related("provider")
        .defer("weights")
        .order_by("-created_at")
    )
    for row in rows:
        yield Offer(
            account=BUILTIN if row.provider is None else read_account(row.provider),
            model=row.upstream_id,
            power=Power.CHAT,
            created=int(row.created_at.timestamp()),
            alias=row.name,
            base=row.base_model,
        )
