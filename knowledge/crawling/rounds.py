"""The job of a crawl: visit a few pages, write down what they are and where they lead, go on.

Each round is a job of its own, so a long crawl has as many attempts for its last page as for its
first. A round that was cut off is walked again: what it had brought into the storage belongs to
nobody, and is swept.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from jobs.handlers import Claim, Outcome, subjects
from knowledge import tasks
from knowledge.crawling.addresses import Site
from knowledge.crawling.frontier import find_due, settle
from knowledge.crawling.visits import Due, Place, Visit, visit_all
from knowledge.indexes import OPEN
from knowledge.models import EmbeddingTask

PAGES: Final = 20  # in a round
SECONDS: Final = 20.0  # after which a round begins no further page


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The pages to visit, and where they go."""

    dues: list[Due]
    place: Place


class Crawl:
    """The handler of `knowledge.crawl`; its subject is the task, its lane the host."""

    limit = 8
    lane_limit = 1

    def load(self, claims: Sequence[Claim]) -> Mapping[uuid.UUID, Round]:
        """Left out: tasks that ended meanwhile, as when their bucket was deleted."""
        rows = EmbeddingTask.unscoped.filter(
            pk__in=subjects(claims), status__in=OPEN, all_found=False
        )
        found = {task.pk: task for task in rows}
        return {claim.id: _load(found[claim.subject]) for claim in claims if claim.subject in found}

    async def perform(self, work: Round) -> Outcome[list[Visit]]:
        if not work.dues:
            return Outcome(result=[])
        return Outcome(result=await visit_all(work.dues, work.place, seconds=SECONDS))

    def commit(self, outcomes: Sequence[tuple[Claim, Outcome[list[Visit]]]]) -> None:
        for claim, outcome in outcomes:
            if claim.subject is not None:
                settle(claim.subject, outcome.result)

    def bury(self, claims: Sequence[tuple[Claim, str]]) -> None:
        for claim, reason in claims:
            if claim.subject is not None:
                tasks.fail(claim.subject, f"the crawl could not go on: {reason}")


def _load(task: EmbeddingTask) -> Round:
    place = Place(
        organisation_id=task.organisation_id, bucket_id=task.bucket_id, site=Site.of(task.url)
    )
    return Round(dues=find_due(task.pk, PAGES), place=place)
