"""Asking a model a question, and judging what it answers. Neither touches the database."""

from dataclasses import dataclass
from datetime import datetime

from common import clock
from common.schemas import Fault, faults
from inference.services import Origin, Served, run
from inference.structured import MissedShape
from insights import evidence
from insights.questions import Question
from insights.variables import fill
from organisations.actor import system
from usage.ledger import Entry
from vocabulary.chat import ChatRequest
from vocabulary.errors import RateLimited, UpstreamError, UpstreamRefused
from vocabulary.json import Json, JsonObject
from wire.extraction import TEXT, Extraction, Finding, read_finding, spell

# What another try may mend, and what of it has been answered for good: the upstream said no, or the
# model was asked to mend its answer and did not.
PASSING = (UpstreamError, RateLimited)
FINAL = (UpstreamRefused, MissedShape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a question, and what it cost. Where the value is good, `error` is empty."""

    value: Json = None
    fields: tuple[JsonObject, ...] = ()
    error: str = ""
    entry: Entry | None = None


async def ask(question: Question) -> Answer:
    """Ask once. Raises `UpstreamError` or `RateLimited` where another try may help."""
    actor = system(question.organisation_id, "insights")
    origin = Origin(purpose="insight", conversation_id=question.conversation_id)
    served = await run(actor, spell_question(question, clock.now()), origin)
    if isinstance(served.error, PASSING) and not isinstance(served.error, FINAL):
        raise served.error
    return judge(question, served)


def spell_question(question: Question, now: datetime) -> ChatRequest:
    extraction = Extraction(
        instructions=fill(question.instructions, question.metadata, now),
        lines=question.transcript.lines,
        schema=question.schema,
    )
    return spell(extraction, model=question.model)


def judge(question: Question, served: Served) -> Answer:
    """The answer as code finds it: fit for the schema or not, each field with its evidence."""
    if served.response is None:
        return Answer(error=str(served.error), entry=served.entry)
    try:
        finding = read_finding(served.response.text)
    except ValueError as error:
        return Answer(error=f"the model's answer cannot be read: {error}", entry=served.entry)
    return _judge_finding(question, finding, served.entry)


def _judge_finding(question: Question, finding: Finding, entry: Entry) -> Answer:
    wrong = faults(finding.value, question.schema or TEXT)
    fields = evidence.judge(
        finding.value,
        finding.quotes,
        question.transcript.passages,
        faulty=[fault.path for fault in wrong],
    )
    return Answer(
        value=None if wrong else finding.value,
        fields=tuple(map(evidence.describe, fields)),
        error=_blame(wrong[0]) if wrong else "",
        entry=entry,
    )


def _blame(fault: Fault) -> str:
    place = f" at {fault.path}" if fault.path else ""
    return f"the model's value does not fit the schema{place}: {fault.message}"
