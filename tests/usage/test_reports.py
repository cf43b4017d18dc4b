"""Reports of transcriptions: made once, complete, harmless, downloadable for a while."""

import csv
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client

from common import clock
from files.contents import read_bytes
from files.models import Blob
from files.sweeping import sweep
from jobs.models import Job, JobState
from jobs.testing import drain
from organisations.actor import Actor, system
from organisations.models import Organisation
from usage import report_files
from usage.ledger import Entry, insert
from usage.models import ReportStatus, TranscriptionReport
from usage.reports import (
    create_report,
    delete_report,
    download_link,
    expire_reports,
    find_reports,
    get_report,
)
from usage.transcribed import find_transcribed
from vocabulary.errors import InvalidRequest, NotFound

pytestmark = pytest.mark.django_db(transaction=True)

START = datetime(2026, 3, 1, tzinfo=UTC)
END = START + timedelta(days=31)


@pytest.fixture(autouse=True)
def apart(settings, tmp_path) -> None:
    settings.DATA_DIR = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "files")},
        },
    }


@pytest.fixture
def actor() -> Actor:
    return system(Organisation.objects.create(slug="acme", name="Acme").pk)


def transcribe(actor: Actor, *days: float, **values) -> None:
    entries = [
        Entry(
            **{
                "organisation_id": actor.organisation_id,
                "requested_model": "whisper",
                "model": "whisper",
                "purpose": "transcription",
                "audio_seconds": Decimal("1.5"),
                "at": START + timedelta(days=day),
                **values,
            }
        )
        for day in days
    ]
    with transaction.atomic():
        insert(entries)


def make(actor: Actor) -> TranscriptionReport:
    report = create_report(actor, starts_at=START, ends_at=END)
    drain()
    return get_report(actor, report.pk)


def lines(report: TranscriptionReport) -> list[dict[str, str]]:
    text = read_bytes(report.blob, most=10**7).decode()
    return list(csv.DictReader(text.splitlines()))


# -- what is in one -----------------------------------------------------------------------------
def test_a_report_has_every_transcription_of_its_time_and_nothing_else(actor, monkeypatch):
    monkeypatch.setattr(report_files, "BATCH", 3)
    other = system(Organisation.objects.create(slug="other", name="Other").pk)
    transcribe(other, 1)
    transcribe(actor, 1, purpose="chat")
    transcribe(actor, -0.1, 0, 1, 1, 1, 1, 30.9, 31)
    key, talk = uuid.uuid4(), uuid.uuid4()
    transcribe(
        actor, 2, api_key_id=key, conversation_id=talk, cost=Decimal("0.006"), request_id="r",
        outcome="failed", error="upstream_timeout",
    )  # fmt: skip
    found = lines(make(actor))
    assert len(found) == 7
    assert [line["at"] for line in found] == sorted(line["at"] for line in found)
    assert found[0]["at"] == "2026-03-01T00:00:00.000Z"
    [told] = [line for line in found if line["request_id"]]
    assert (told["api_key_id"], told["conversation_id"]) == (str(key), str(talk))
    assert (told["cost"], told["currency"], told["audio_seconds"]) == (
        "0.006000000",
        "USD",
        "1.500",
    )
    assert (told["outcome"], told["error"]) == ("failed", "upstream_timeout")
    assert found[0]["cost"] == ""


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(actor, text):
    transcribe(actor, 1, model=text, request_id=text)
    [line] = lines(make(actor))
    assert line["model"].startswith("'") and line["request_id"].startswith("'")


def test_a_report_of_nothing_names_its_columns(actor):
    report = make(actor)
    assert read_bytes(report.blob, most=1000).decode().strip() == ",".join(report_files.COLUMNS)


# -- how long it lives --------------------------------------------------------------------------
def test_the_link_gives_the_file_to_anybody_until_the_report_expires(actor, settings, monkeypatch):
    transcribe(actor, 1)
    report = create_report(actor, starts_at=START, ends_at=END)
    assert (report.status, download_link(report)) == (ReportStatus.PENDING, None)
    drain()
    report = get_report(actor, report.pk)
    assert report.status == ReportStatus.COMPLETE
    link = download_link(report)
    assert link.startswith(f"{settings.PUBLIC_URL}/files/")
    assert report.expires_at - clock.now() > timedelta(days=6, hours=23)

    expire_reports()
    assert get_report(actor, report.pk).status == ReportStatus.COMPLETE
    TranscriptionReport.unscoped.update(expires_at=clock.now() - timedelta(seconds=1))
    expire_reports()
    report = get_report(actor, report.pk)
    assert (report.status, report.blob, download_link(report)) == (ReportStatus.EXPIRED, None, None)
    Blob.unscoped.update(touched_at=clock.now() - timedelta(hours=2))
    sweep()
    assert not Blob.unscoped.exists()


async def test_the_link_answers_with_a_download(transactional_db, async_client):
    from common.db import in_thread

    def prepare() -> str:
        actor = system(Organisation.objects.create(slug="acme", name="Acme").pk)
        transcribe(actor, 1)
        return download_link(make(actor))

    link = await in_thread(prepare)
    answer = await async_client.get("/files/" + link.rpartition("/")[2])
    assert answer.status_code == 200
    assert "speech-to-text-2026-03-01-2026-04-01.csv" in answer["Content-Disposition"]
    body = b"".join([piece async for piece in answer.streaming_content])
    assert body.startswith(b"id,at,model")


def test_a_deleted_report_takes_its_file_along(actor):
    report = make(actor)
    assert delete_report(actor, report.pk).pk == report.pk
    assert find_reports(actor) == []
    assert not Blob.unscoped.exists()
    with pytest.raises(NotFound):
        delete_report(actor, report.pk)


def test_a_report_that_is_deleted_while_it_is_made_stays_deleted(actor):
    report = create_report(actor, starts_at=START, ends_at=END)
    delete_report(actor, report.pk)
    drain()
    assert find_reports(actor) == []
    assert not Job.objects.filter(state=JobState.DONE).exists()


def test_a_report_that_cannot_be_made_says_so(actor, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(report_files.blobs, "make_blob", fail)
    report = create_report(actor, starts_at=START, ends_at=END)
    drain(ahead=True)
    report = get_report(actor, report.pk)
    assert (report.status, report.error) == (
        ReportStatus.FAILED,
        "OSError: no space left on device",
    )


def test_reports_are_listed_newest_first_to_their_own_organisation(actor):
    made = [create_report(actor, starts_at=START, ends_at=END).pk for _ in range(2)]
    other = system(Organisation.objects.create(slug="other", name="Other").pk)
    assert [report.pk for report in find_reports(actor)] == made[::-1]
    assert find_reports(other) == []
    with pytest.raises(NotFound):
        get_report(other, made[0])


@pytest.mark.parametrize(
    "length", [timedelta(0), timedelta(days=-1), timedelta(days=31, seconds=1)]
)
def test_a_report_is_of_a_time_of_at_most_31_days(actor, length):
    with pytest.raises(InvalidRequest):
        create_report(actor, starts_at=START, ends_at=START + length)


# -- sums ---------------------------------------------------------------------------------------
def test_sums_are_by_model(actor):
    transcribe(actor, 0, 1, cost=Decimal("0.25"))
    transcribe(actor, 1, model="large", outcome="failed")
    transcribe(actor, -1, 31)
    large, whisper = find_transcribed(actor, START, END)
    assert (large.model, large.requests, large.failed, large.cost) == ("large", 1, 1, Decimal(0))
    assert (whisper.requests, whisper.seconds, whisper.cost) == (2, Decimal(3), Decimal("0.5"))


def test_the_surface_tells_the_current_month(actor, client: Client):
    from organisations.services import create_api_key

    _, token = create_api_key(actor)
    transcribe(actor, 0, at=clock.now(), cost=Decimal("0.5"))
    path = "/telnyx/v2/legacy/reporting/usage_reports/speech_to_text"
    data = client.get(path, headers={"authorization": f"Bearer {token.reveal()}"}).json()["data"]
    assert (data["total_requests"], data["total_seconds"], data["cost"]) == (1, 1.5, "0.5")
    assert [each["model"] for each in data["by_model"]] == ["whisper"]
    assert data["start_date"].endswith("-01T00:00:00.000Z")
