"""Training sets: files to fine-tune with, made of conversations by what insights found in them.

`labels` teaches to answer a transcript with the insight's value; `dialogue` teaches to talk as the
assistant did in the conversations whose value is the wanted one. Of each conversation the newest
completed result counts, and of it only a value that its words bear out. The file is written to a
bucket as it is read: neither side is ever held whole.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from itertools import batched
from typing import Any, Final, Literal

from django.db.models import Exists, OuterRef, Q, QuerySet

from common import ids
from conversations.filters.listing import parse_listing
from conversations.models import Conversation
from executions.models import Execution
from executions.run import Run as Journey
from executions.services import start
from files.names import check_bucket_name, check_path
from files.services import put_object
from files.spool import spooled_pieces
from insights.candidates import Filter
from insights.evidence import FieldState
from insights.models import Result, Status
from insights.queries import get_current_version
from insights.questions import Transcript, find_transcripts
from organisations.actor import Actor
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject
from wire.pointers import find, steps_of
from wire.training_files import MAX_LINE, Turn, material, write_example

WORKFLOW: Final = "insights.training_set"
MEDIA_TYPE: Final = "application/jsonl"
MOST_BYTES: Final = 1 << 30
BATCH: Final = 100
MOST_LABELS: Final = 100
"""So many are counted one by one in the report."""

type Format = Literal["labels", "dialogue"]
FORMATS: Final[tuple[Format, ...]] = ("labels", "dialogue")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What was asked for. `field` is the JSON Pointer of a part of the value, empty for all of it;
    `value` the text of the one that `dialogue` wants."""

    template_id: uuid.UUID
    field: str
    filter: Filter
    min_confidence: float
    bucket: str
    path: str
    format: Format
    value: str


@dataclass(slots=True)
class Tally:
    """How far it is. What is `skipped` has no such value, is not sure enough or says nothing."""

    examples: int = 0
    skipped: int = 0
    values: Counter[str] = dataclass_field(default_factory=Counter)


def start_training_set(
    actor: Actor,
    *,
    template_id: uuid.UUID,
    bucket: str,
    path: str,
    field: str = "",
    filter: Filter | None = None,
    min_confidence: float = 0.0,
    format: Format = "labels",
    value: str = "",
) -> Execution:
    """Start writing a training set to `path` of `bucket`, instead of what is there; `describe`
    tells how it goes. Raises `NotFound` for an unknown template, `InvalidRequest` for the rest."""
    get_current_version(actor, template_id)
    parse_listing(filter or {})  # raises what is wrong with it
    check_bucket_name(bucket)
    check_path(path)
    if field and not field.startswith("/"):
        raise InvalidRequest("field", "must be a JSON Pointer, such as /topic")
    if format not in FORMATS:
        raise InvalidRequest("format", f"must be one of {', '.join(FORMATS)}")
    if not 0 <= min_confidence <= 1:
        raise InvalidRequest("min_confidence", "must be between 0 and 1")
    if format == "dialogue" and not value:
        raise InvalidRequest("value", "which value do good dialogues have?", missing=True)
    if format != "dialogue" and value:
        raise InvalidRequest("value", "labels are of every value; only dialogues are of one")
    terms = Terms(
        template_id=template_id,
        field=field,
        filter=filter or {},
        min_confidence=min_confidence,
        bucket=bucket,
        path=path,
        format=format,
        value=value,
    )
    return start(actor, WORKFLOW, name=f"training set {ids.new_uuid()}", input=_write(terms))


def describe(execution: Execution) -> JsonObject:
    """A training set as surfaces show it; `training_file` is what a fine-tuning may name."""
    terms = _read(execution.input)
    return {
        "id": str(execution.id),
        "status": execution.status,
        "training_file": f"{terms.bucket}/{terms.path}",
        "format": terms.format,
        "progress": execution.result or execution.progress,
        "error": execution.error or None,
    }


# -- the workflow -------------------------------------------------------------------------------
def training_set(journey: Journey) -> Json:
    """Written anew after a crash: a file is in the bucket whole or not at all."""
    terms, tally = _read(journey.input), Tally()
    with spooled_pieces(_lines(journey, terms, tally), most=MOST_BYTES) as spooled:
        put_object(journey.actor, terms.bucket, terms.path, spooled, content_type=MEDIA_TYPE)
    return _report(tally)


def _lines(journey: Journey, terms: Terms, tally: Tally) -> Iterator[bytes]:
    found = find_results(journey.actor.organisation_id, terms).iterator(BATCH)
    for results in batched(found, BATCH):
        transcripts = find_transcripts({result.conversation_id for result in results})
        for result in results:
            talk = transcripts[result.conversation_id].cut(result.transcript_length)
            line = _line(terms, result, talk, tally)
            if line:
                tally.examples += 1
                yield line
            else:
                tally.skipped += 1
        journey.report(_report(tally))


def find_results(organisation_id: uuid.UUID, terms: Terms) -> QuerySet[Result]:
    """Of each conversation that the filter takes the newest completed result."""
    completed = Result.objects.for_organisation(organisation_id).filter(
        template_ref=terms.template_id, status=Status.COMPLETED
    )
    newer = completed.filter(conversation_id=OuterRef("conversation_id")).filter(
        Q(created_at__gt=OuterRef("created_at"))
        | Q(created_at=OuterRef("created_at"), id__gt=OuterRef("id"))
    )
    conversations = Conversation.objects.for_organisation(organisation_id)
    taken = conversations.filter(parse_listing(terms.filter).where)
    return completed.filter(~Exists(newer), conversation_id__in=taken.values("id")).order_by("id")


def _line(terms: Terms, result: Result, talk: Transcript, tally: Tally) -> bytes:
    """Empty for a result that teaches nothing."""
    value = _spell(find(result.value, steps_of(terms.field)))
    if not value or not _is_sure(terms, result):
        return b""
    if terms.format == "dialogue":
        if value != terms.value:
            return b""
        messages = _dialogue(talk)
    else:
        said = material([Turn(line.role, line.text) for line in talk.lines])
        messages = [("user", said), ("assistant", value)] if said else []
    line = write_example(messages) if messages else b""
    if not line or len(line) > MAX_LINE:
        return b""
    if value in tally.values or len(tally.values) < MOST_LABELS:
        tally.values[value] += 1
    return line


def _is_sure(terms: Terms, result: Result) -> bool:
    judged = next((f for f in result.fields if f["path"] == terms.field), None)
    if judged is None or judged["state"] != FieldState.FOUND.value:
        return False
    confidence = judged.get("confidence")
    return not terms.min_confidence or (confidence or 0) >= terms.min_confidence


def _dialogue(talk: Transcript) -> list[tuple[str, str]]:
    """What the two said, up to the assistant's last words; tools' words stay out."""
    said = [
        (line.role, line.text)
        for line in talk.lines
        if line.role in ("system", "user", "assistant") and line.text.strip()
    ]
    while said and said[-1][0] != "assistant":
        said.pop()
    return said if any(role == "user" for role, _ in said) else []


def _spell(value: Json) -> str:
    """A value as an answer; nothing for what is no single one."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value.strip()
        case int() | float():
            return str(value)
    return ""


def _report(tally: Tally) -> JsonObject:
    return {
        "examples": tally.examples,
        "skipped": tally.skipped,
        "values": dict(tally.values.most_common()),
    }


# -- terms as JSON ------------------------------------------------------------------------------
def _write(terms: Terms) -> JsonObject:
    return {
        "template_id": str(terms.template_id),
        "field": terms.field,
        "filter": {name: list(texts) for name, texts in terms.filter.items()},
        "min_confidence": terms.min_confidence,
        "bucket": terms.bucket,
        "path": terms.path,
        "format": terms.format,
        "value": terms.value,
    }


def _read(given: Any) -> Terms:
    filter: Mapping[str, Sequence[str]] = given["filter"]
    return Terms(
        template_id=uuid.UUID(given["template_id"]),
        field=given["field"],
        filter=filter,
        min_confidence=given["min_confidence"],
        bucket=given["bucket"],
        path=given["path"],
        format=given["format"],
        value=given["value"],
    )
