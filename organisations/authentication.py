"""The one authenticator: from a header of any form to the `Actor` it stands for.

Both doors use it. The Django door looks the key up; the live door keeps actors in memory and asks,
once for all requests that arrive together, whether any key has changed since.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from common import clock
from common.secrets import Secret
from organisations import keys, revisions
from organisations.actor import Actor
from organisations.models import ApiKey
from organisations.remembered import Remembered, begin_request
from vocabulary.errors import Unauthenticated

BEARER = "authorization"
_USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Credential:
    """A known key's actor, until when it holds, and when its use was last written down."""

    actor: Actor
    expires_at: datetime | None
    noted_at: datetime


def read_token(headers: Mapping[str, str], accepted: Iterable[str]) -> str:
    """The API key among `headers` (lower-case names), in the first of the `accepted` ones."""
    for name in accepted:
        value = headers.get(name, "").strip()
        if name == BEARER:
            scheme, _, value = value.partition(" ")
            value = value.strip() if scheme.lower() == "bearer" else ""
        if value:
            return value
    raise Unauthenticated("no API key was sent")


def authenticate(token: str) -> Actor:
    """Look `token` up now; for the Django door and for commands."""
    return _load(token).actor


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What signs requests, and who that is."""

    credential: Credential
    secret: Secret

    @property
    def actor(self) -> Actor:
        return self.credential.actor


class Keyring:
    """Actors by token, for the live door. A revocation is seen by the next request everywhere:
    every call waits for a look at the revision that began after it."""

    def __init__(self) -> None:
        self._credentials = Remembered(revisions.KEYS, _load)

    async def authenticate(self, token: str) -> Actor:
        await begin_request()
        known = await self._credentials.get(token)
        if _is_stale(known):
            known = await self._credentials.renew(token)
        return known.actor


class SigningKeyring:
    """The same for keys that sign, by their public ids."""

    def __init__(self) -> None:
        self._keys = Remembered(revisions.KEYS, _load_signing)

    async def find(self, access_key_id: str) -> SigningKey:
        """Raises `Unauthenticated`. An API key may be its own id: then it is its own secret too."""
        await begin_request()
        known = await self._keys.get(access_key_id)
        if _is_stale(known.credential):
            known = await self._keys.renew(access_key_id)
        return known


def _is_stale(known: Credential) -> bool:
    now = clock.now()
    expired = known.expires_at is not None and known.expires_at <= now
    return expired or now - known.noted_at > _USED_EVERY


def _load(token: str) -> Credential:
    if not keys.is_well_formed(token):
        raise Unauthenticated
    return _credential(_living().filter(digest__in=keys.digests(token)).first())


def _load_signing(access_key_id: str) -> SigningKey:
    if keys.is_well_formed(access_key_id):
        return SigningKey(_load(access_key_id), Secret(access_key_id))
    row = _living().filter(prefix=access_key_id).exclude(secret="").first()
    return SigningKey(_credential(row), row.secret if row is not None else Secret(""))


def _living() -> QuerySet[ApiKey]:
    unexpired = Q(expires_at=None) | Q(expires_at__gt=Now())
    return ApiKey.unscoped.filter(unexpired, revoked_at=None, organisation__is_active=True)


def _credential(row: ApiKey | None) -> Credential:
    if row is None:
        raise Unauthenticated
    return Credential(_actor(row), row.expires_at, _note_use(row))


def _actor(row: ApiKey) -> Actor:
    return Actor(
        organisation_id=row.organisation_id,
        name=f"key {row.prefix}",
        scopes=frozenset(row.scopes),
        key_id=row.pk,
    )


def _note_use(row: ApiKey) -> datetime:
    """Write down that the key was used, at most once a minute."""
    now = clock.now()
    if row.last_used_at is None or now - row.last_used_at > _USED_EVERY:
        ApiKey.unscoped.filter(pk=row.pk).update(last_used_at=now)
    return now
