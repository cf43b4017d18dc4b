"""Reports of transcriptions. Status words are in capitals here and nowhere else.

https://developers.telnyx.com/api/reporting/batch-detail-records
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from common.clock import rfc3339
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject
from wire.shapes import TEXT, TIME, UUID, nullable, record, said, word

if TYPE_CHECKING:
    from usage.models import TranscriptionReport

RANGE: Final = record(
    "SpeechToTextRange",
    {
        "start_date": said(TIME, "With a zone."),
        "end_date": said(TIME, "With a zone; at most 31 days later. It is not included."),
    },
)
REPORT: Final = record(
    "SpeechToTextReport",
    {
        "id": UUID,
        "record_type": word("speech_to_text_report"),
        "status": word("PENDING", "COMPLETE", "FAILED", "EXPIRED"),
        "start_date": TIME,
        "end_date": TIME,
        "created_at": TIME,
        "download_link": said(nullable(TEXT), "CSV; for as long as the report is COMPLETE."),
    },
)


class InvalidReport(InvalidRequest):
    """A report cannot be made of this; Telnyx answers these with 400."""


def parse_time(value: Json, path: str) -> datetime:
    """A time with its zone."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidReport(path, "must be a time with its zone, such as 2026-07-01T00:00:00Z")


def name_fault(fault: InvalidRequest) -> InvalidReport:
    return InvalidReport(fault.path, fault.message)


def render_report(report: "TranscriptionReport", link: str | None) -> JsonObject:
    return {
        "id": str(report.pk),
        "record_type": "speech_to_text_report",
        "status": report.status.upper(),
        "start_date": rfc3339(report.starts_at),
        "end_date": rfc3339(report.ends_at),
        "created_at": rfc3339(report.created_at),
        "download_link": link,
    }
