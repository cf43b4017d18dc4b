"""The files of reports: CSV, a line a transcription, written to the disk batch by batch.

Texts that a spreadsheet would take for formulas are marked as texts.
"""

import csv
import io
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q, QuerySet

from common import clock
from files import blobs
from files.models import Blob
from files.spool import spooled_pieces
from files.threads import in_file_thread
from jobs.handlers import Claim, Outcome, subjects
from usage.models import Purpose, ReportStatus, TranscriptionReport, UsageRecord

MOST_BYTES: Final = 4 * 1024**3
BATCH: Final = 2000  # rows that are read at once
CURRENCY: Final = "USD"
COLUMNS: Final = (
    "id", "at", "model", "served_by", "audio_seconds", "cost", "currency", "outcome", "error",
    "latency_ms", "surface", "request_id", "conversation_id", "api_key_id",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class MakeReport:
    """The handler of `usage.report`; its subject is the report."""

    limit = 2

    def load(self, claims: Sequence[Claim]) -> Mapping[uuid.UUID, TranscriptionReport]:
        """Left out: reports that were deleted."""
        found = TranscriptionReport.unscoped.filter(status=ReportStatus.PENDING).in_bulk(
            subjects(claims)
        )
        return {claim.id: found[claim.subject] for claim in claims if claim.subject in found}

    async def perform(self, work: TranscriptionReport) -> Outcome[Blob]:
        return Outcome(result=await in_file_thread(_write, work))

    def commit(self, outcomes: Sequence[tuple[Claim, Outcome[Blob]]]) -> None:
        for claim, outcome in outcomes:
            blobs.take(outcome.result.pk)
            _pending(claim).update(
                status=ReportStatus.COMPLETE,
                blob=outcome.result,
                expires_at=clock.now() + timedelta(seconds=settings.REPORT_LIFETIME),
            )

    def bury(self, claims: Sequence[tuple[Claim, str]]) -> None:
        for claim, reason in claims:
            _pending(claim).update(status=ReportStatus.FAILED, error=reason)


def _pending(claim: Claim) -> QuerySet[TranscriptionReport]:
    pending = TranscriptionReport.unscoped.filter(status=ReportStatus.PENDING)
    return pending.filter(pk__in=[claim.subject] if claim.subject else [])


def _write(report: TranscriptionReport) -> Blob:
    with spooled_pieces(_pieces(report), most=MOST_BYTES) as file:
        return blobs.make_blob(report.organisation_id, file)


def _pieces(report: TranscriptionReport) -> Iterator[bytes]:
    """The file in pieces: the names of its columns, then a batch of rows at a time."""
    yield _spell([COLUMNS])
    ended = Q()
    while rows := list(_transcriptions(report).filter(ended).order_by("at", "pk")[:BATCH]):
        yield _spell(map(_cells, rows))
        last = rows[-1]
        ended = Q(at__gt=last.at) | Q(at=last.at, pk__gt=last.pk)


def _transcriptions(report: TranscriptionReport) -> QuerySet[UsageRecord]:
    mine = UsageRecord.objects.for_organisation(report.organisation_id)
    return mine.filter(
        purpose=Purpose.TRANSCRIPTION, at__gte=report.starts_at, at__lt=report.ends_at
    )


def _cells(record: UsageRecord) -> list[str]:
    return [
        str(record.pk),
        clock.rfc3339(record.at),
        record.model or record.requested_model,
        record.served_by,
        str(record.audio_seconds),
        "" if record.cost is None else f"{record.cost:f}",
        CURRENCY,
        record.outcome,
        record.error,
        str(record.latency_ms),
        record.surface,
        record.request_id,
        str(record.conversation_id or ""),
        str(record.api_key_id or ""),
    ]


def _spell(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _harmless(cell: str) -> str:
    """Spreadsheets would take such a text for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
