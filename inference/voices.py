"""The voices of accounts, as their upstreams list them; what was listed lately is kept.

A list is kept under the account's id, which is one organisation's alone, and counts only for the
account as it was: who changes its key, address or options gets a new list at once.
"""

from dataclasses import dataclass
from typing import Final

from common import clock
from providers import routing
from providers.protocols import Account
from vocabulary.speech import Voice

KEPT: Final = 300.0
"""Seconds."""
MOST: Final = 200
"""Lists, in each process."""


@dataclass(frozen=True, slots=True)
class _Listed:
    account: Account
    at: float
    voices: tuple[Voice, ...]


_kept: Final[dict[object, _Listed]] = {}


async def list_voices(account: Account) -> tuple[Voice, ...]:
    """As the upstream lists them now. Raises what goes wrong there."""
    voices = await routing.speech_provider(account.kind).find_voices(account)
    if account.id is not None:
        _kept.pop(account.id, None)
        if len(_kept) >= MOST:
            _kept.pop(next(iter(_kept)))
        _kept[account.id] = _Listed(account, clock.monotonic(), voices)
    return voices


async def recall_voices(account: Account) -> tuple[Voice, ...]:
    """As the upstream listed them within the last minutes, else now."""
    listed = _kept.get(account.id)
    if listed and listed.account == account and clock.monotonic() - listed.at < KEPT:
        return listed.voices
    return await list_voices(account)
