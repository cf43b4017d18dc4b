"""An organisation's upstream accounts and what they offer, from rows to plain values."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from providers.builtin.models import MODELS
from providers.models import OfferedModel, Power, Provider
from providers.protocols import Account

BUILTIN = Account(name="builtin", kind="builtin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A model of an account, by the upstream's own id. `created` is Unix seconds."""

    account: Account
    model: str
    power: Power
    created: int = 0

    @property
    def name(self) -> str:
        """What callers call it."""
        return f"{self.account.name}/{self.model}"


def load_offers(organisation_id: uuid.UUID) -> list[Offer]:
    """What an organisation may ask for, its first upstream's first model first, builtin last."""
    return [*_own_offers(organisation_id), *_builtin_offers()]


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
