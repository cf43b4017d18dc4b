"""Which conversations a backfill asks about: those a filter takes, that have not been answered."""

import heapq
import uuid
from collections.abc import Mapping, Sequence
from itertools import islice

from django.db.models import Exists, OuterRef, QuerySet

from conversations.filters.listing import parse_listing
from conversations.models import Conversation
from insights.models import Result, Status, TemplateVersion

PAGE = 1000
LAST_LOT = 2**32 - 1

type Filter = Mapping[str, Sequence[str]]


def find_candidates(version: TemplateVersion, filter: Filter) -> QuerySet[Conversation]:
    """Conversations with messages that `filter` (parameters as a listing takes them) lets through
    and that `version` has no answer for as they stand. Raises InvalidRequest for a bad filter."""
    answers = Result.unscoped.filter(
        conversation_id=OuterRef("id"),
        template_ref=version.template_id,
        version_number=version.number,
        transcript_length=OuterRef("message_count"),
    ).exclude(status=Status.FAILED)
    return (
        Conversation.objects.for_organisation(version.organisation_id)
        .filter(parse_listing(filter).where, ~Exists(answers), message_count__gt=0)
        .order_by("-id")
    )


def find_threshold(candidates: QuerySet[Conversation], sample: int) -> int:
    """The lot that so many candidates have at most: which ones those are is chance, but the same
    each time."""
    lots = map(draw_lot, candidates.values_list("id", flat=True).iterator(PAGE))
    return max(heapq.nsmallest(sample, lots), default=0)


def next_candidates(
    candidates: QuerySet[Conversation], *, before: uuid.UUID | None, threshold: int, most: int
) -> list[uuid.UUID]:
    """The newest `most` of them that are older than `before` and have a lot up to `threshold`."""
    older = candidates.filter(id__lt=before) if before else candidates
    found = older.values_list("id", flat=True).iterator(PAGE)
    return list(islice((id for id in found if draw_lot(id) <= threshold), most))


def draw_lot(id: uuid.UUID) -> int:
    """A number up to `LAST_LOT`. A UUID of version 7 ends in random bits."""
    return id.int & LAST_LOT
