"""Reports of transcriptions: a file of all that the ledger has of a time, made in the background.

A report can be downloaded until it expires; then its file is let go of, and the row stays to say
so. `report_files` makes the file.
"""

import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.conf import settings
from django.db import transaction

from common import clock
from files import blobs, links
from jobs.services import cancel_jobs, enqueue
from organisations import audit
from organisations.actor import Actor
from usage.models import ReportStatus, TranscriptionReport
from vocabulary.errors import InvalidRequest, NotFound

JOB: Final = "usage.report"
LONGEST: Final = timedelta(days=31)
MOST_REPORTS: Final = 1000


def create_report(actor: Actor, *, starts_at: datetime, ends_at: datetime) -> TranscriptionReport:
    """Have a report made of what was transcribed from `starts_at` up to, not including, `ends_at`;
    at most 31 days."""
    if starts_at >= ends_at:
        raise InvalidRequest("end_date", "must be after start_date")
    if ends_at - starts_at > LONGEST:
        raise InvalidRequest("end_date", f"must be at most {LONGEST.days} days after start_date")
    with transaction.atomic():
        report = TranscriptionReport.objects.create(
            organisation_id=actor.organisation_id, starts_at=starts_at, ends_at=ends_at
        )
        enqueue(JOB, organisation_id=actor.organisation_id, subject=report.pk)
        audit.record(actor, "report.create", report)
    return report


def find_reports(actor: Actor) -> list[TranscriptionReport]:
    """Newest first."""
    mine = TranscriptionReport.objects.for_organisation(actor.organisation_id)
    return list(mine.order_by("-created_at", "-pk")[:MOST_REPORTS])


def get_report(actor: Actor, report_id: uuid.UUID) -> TranscriptionReport:
    mine = TranscriptionReport.objects.for_organisation(actor.organisation_id)
    if (report := mine.filter(pk=report_id).first()) is None:
        raise NotFound("report not found")
    return report


def delete_report(actor: Actor, report_id: uuid.UUID) -> TranscriptionReport:
    """Delete a report with its file; what it was."""
    with transaction.atomic():
        report = get_report(actor, report_id)
        cancel_jobs(JOB, report.pk)
        audit.record(actor, "report.delete", report)
        TranscriptionReport.unscoped.filter(pk=report.pk).delete()
        if report.blob is not None:
            transaction.on_commit(partial(blobs.delete_blob, report.blob), robust=True)
    return report


def download_link(report: TranscriptionReport) -> str | None:
    """Where the file is, for anybody who has the link, until the report expires."""
    if report.status != ReportStatus.COMPLETE or not report.blob_id or not report.expires_at:
        return None
    name = f"speech-to-text-{report.starts_at:%Y-%m-%d}-{report.ends_at:%Y-%m-%d}.csv"
    token = links.sign(
        report.blob_id, filename=name, content_type="text/csv", expires_at=report.expires_at
    )
    return links.url(token, settings.PUBLIC_URL)


def expire_reports() -> None:
    """Periodic: let go of the files of reports whose time is over."""
    over = TranscriptionReport.unscoped.filter(
        status=ReportStatus.COMPLETE, expires_at__lte=clock.now()
    )
    with transaction.atomic():
        reports = list(over.select_for_update()[:MOST_REPORTS])
        blobs.let_go([report.blob_id for report in reports if report.blob_id])
        TranscriptionReport.unscoped.filter(pk__in=[report.pk for report in reports]).update(
            status=ReportStatus.EXPIRED, blob=None
        )
