"""Job handlers of the tests: what each performed, committed and buried is written down here."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jobs.handlers import Claim, Outcome, Permanent


@dataclass
class Notes:
    """What happened, by job id."""

    loaded: list[uuid.UUID] = field(default_factory=list)
    performed: list[uuid.UUID] = field(default_factory=list)
    committed: list[uuid.UUID] = field(default_factory=list)
    buried: list[tuple[uuid.UUID, str]] = field(default_factory=list)
    performing: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)


NOTES = Notes()


def forget() -> None:
    NOTES.__init__()  # type: ignore[misc]


class Obedient:
    """Does what the payload says: `sleep` s, then `fail` (how often), `permanent`, `again_in`..."""

    limit = 20

    def load(self, claims: Sequence[Claim]) -> Mapping[uuid.UUID, Claim]:
        if any("bad_load" in claim.payload for claim in claims):
            raise ValueError("cannot load")
        NOTES.loaded += [claim.id for claim in claims]
        return {claim.id: claim for claim in claims if "nothing" not in claim.payload}

    async def perform(self, work: Claim) -> Outcome[str]:
        NOTES.performed.append(work.id)
        NOTES.performing[work.kind] += 1
        NOTES.most[work.kind] = max(NOTES.most[work.kind], NOTES.performing[work.kind])
        try:
            return await self._obey(work)
        finally:
            NOTES.performing[work.kind] -= 1

    async def _obey(self, work: Claim) -> Outcome[str]:
        orders = work.payload
        await asyncio.sleep(float(str(orders.get("sleep", 0))))
        if work.attempt <= int(str(orders.get("fail", 0))):
            raise ValueError("asked to fail")
        if "permanent" in orders:
            raise Permanent("asked never to work")
        again = orders.get("again_in") if work.attempt == 1 else None
        return Outcome(result="done", again_in=None if again is None else float(str(again)))

    def commit(self, outcomes: Sequence[tuple[Claim, Outcome[str]]]) -> None:
        if any("bad_commit" in claim.payload for claim, _ in outcomes):
            raise ValueError("cannot commit")
        NOTES.committed += [claim.id for claim, _ in outcomes]

    def bury(self, claims: Sequence[tuple[Claim, str]]) -> None:
        if any("bad_bury" in claim.payload for claim, _ in claims):
            raise ValueError("cannot bury")
        NOTES.buried += [(claim.id, error) for claim, error in claims]
