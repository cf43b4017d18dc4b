"""How an inference gets into the ledger: with what is stored beside it, or with its failure."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from common.group_commit import Write, save
from inference.metering import Meter
from inference.structured import MissedShape
from usage import ledger
from usage.ledger import Entry
from vocabulary.chat import Usage


@dataclass(frozen=True, slots=True)
class CountingFailure:
    """Puts an exception into the ledger on its way out; `guess` is what a hang-up wasted."""

    meter: Meter
    guess: Callable[[], Usage]

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, asyncio.CancelledError):
            await commit(self.meter.hung_up(self.guess()))
        elif isinstance(error, Exception):
            await commit(self.meter.failed(error, spent(error)))


def spent(error: Exception) -> Usage:
    """What an answer that came and was not good enough has cost all the same."""
    usage = error.response.usage if isinstance(error, MissedShape) else None
    return usage or Usage()


async def commit(entry: Entry, writes: Sequence[Write[Any, Any]] = ()) -> None:
    """Store these with the entry. If they cannot be stored, the entry still is."""
    try:
        await save(*writes, Write(ledger.insert, entry))
    except Exception:
        await save(Write(ledger.insert_missing, entry))
        raise
