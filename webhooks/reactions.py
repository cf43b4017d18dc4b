"""The job that lets other apps act on an event, by the plugboard's table `REACTIONS`."""

import uuid
from collections.abc import Callable, Mapping, Sequence

from django.conf import settings

from common import plugboard
from jobs.handlers import Claim, Outcome, subjects
from webhooks.models import Event

type Reaction = Callable[[Sequence[Event]], None]


class React:
    """The handler of `webhooks.react`; its subject is the event.

    Reactions only touch the database, so they run in the transaction that closes the job.
    """

    limit = 200

    def load(self, claims: Sequence[Claim]) -> Mapping[uuid.UUID, Event]:
        events = Event.unscoped.in_bulk(subjects(claims))
        return {claim.id: events[claim.subject] for claim in claims if claim.subject in events}

    async def perform(self, work: Event) -> Outcome[Event]:
        return Outcome(result=work)

    def commit(self, outcomes: Sequence[tuple[Claim, Outcome[Event]]]) -> None:
        events = sorted((outcome.result for _, outcome in outcomes), key=_order)
        for event_type in dict.fromkeys(event.type for event in events):
            of_type = [event for event in events if event.type == event_type]
            for reaction in _reactions(event_type):
                reaction(of_type)

    def bury(self, claims: Sequence[tuple[Claim, str]]) -> None:
        """Nothing to undo: the event stays in the feed, and the job says what went wrong."""


def _order(event: Event) -> tuple[str, int]:
    return str(event.organisation_id), event.seq


def _reactions(event_type: str) -> list[Reaction]:
    return [plugboard.load(path) for path in settings.REACTIONS.get(event_type, ())]
