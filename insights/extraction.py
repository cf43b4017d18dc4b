"""The job that finds one result: load a batch of questions, ask each, write the answers."""

import uuid
from collections.abc import Mapping, Sequence

from django.db import transaction

from common import clock
from insights.answers import Answer, ask
from insights.models import Run, RunItem, Status
from insights.questions import Question, find_questions
from insights.results import record_answers
from jobs.handlers import Claim, Outcome, subjects

TEMPLATE_GONE = "the insight template was deleted before the conversation was read"


class Extract:
    """`insights.extract`; the job's subject is the result."""

    limit = 300

    def load(self, claims: Sequence[Claim]) -> Mapping[uuid.UUID, Question | None]:
        """Questions by job, None for one whose template is gone. Closed results ask nothing."""
        questions = find_questions(subjects(claims))
        mark_started(list(questions))
        return {
            claim.id: questions[claim.subject] for claim in claims if claim.subject in questions
        }

    async def perform(self, work: Question | None) -> Outcome[Answer]:
        return Outcome(result=await ask(work) if work else Answer(error=TEMPLATE_GONE))

    def commit(self, outcomes: Sequence[tuple[Claim, Outcome[Answer]]]) -> None:
        record_answers({_subject(claim): outcome.result for claim, outcome in outcomes})

    def bury(self, claims: Sequence[tuple[Claim, str]]) -> None:
        record_answers({_subject(claim): Answer(error=error) for claim, error in claims})


def mark_started(result_ids: Sequence[uuid.UUID]) -> None:
    """The runs of these results are in progress. Whoever closes a run at this moment knows better,
    so locked ones are passed over, and nobody waits for anybody."""
    items = RunItem.unscoped.filter(result_id__in=result_ids).values("run_id")
    with transaction.atomic():
        pending = Run.unscoped.filter(id__in=items, status=Status.PENDING)
        runs = pending.select_for_update(skip_locked=True).order_by("id")
        Run.unscoped.filter(id__in=list(runs.values_list("id", flat=True))).update(
            status=Status.IN_PROGRESS, started_at=clock.now()
        )


def _subject(claim: Claim) -> uuid.UUID:
    assert claim.subject is not None
    return claim.subject
