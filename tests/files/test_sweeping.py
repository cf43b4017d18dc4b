"""The sweep takes what is over, and nothing that somebody refers to or still reads."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage

from common import clock, scratch
from files import contents, queries, services, uploads
from files.blobs import make_blob
from files.models import Blob, StoredObject, UploadPart
from files.spool import spooled_bytes
from files.sweeping import sweep
from organisations.actor import Actor
from usage.models import TranscriptionReport
from vocabulary.errors import NotFound


def _later(hours: float, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now() + timedelta(hours=hours)
    monkeypatch.setattr(clock, "now", lambda: now)


def _kept(place: Path) -> int:
    return sum(1 for file in place.rglob("*") if file.is_file())


def test_replaced_and_deleted_bytes_go_after_an_hour(actor: Actor, place: Path, monkeypatch):
    services.put_bytes(actor, "papers", "a", b"1")
    services.put_bytes(actor, "papers", "a", b"2")
    services.put_bytes(actor, "papers", "b", b"3")
    services.delete_object(actor, "papers", "b")
    sweep()
    assert _kept(place) == Blob.unscoped.count() == 3
    _later(1.1, monkeypatch)
    sweep()
    assert _kept(place) == Blob.unscoped.count() == 1
    assert contents.read_bytes(queries.get_object(actor, "papers", "a").blob, most=1) == b"2"


def test_a_copy_keeps_the_bytes(actor: Actor, place: Path, monkeypatch):
    services.put_bytes(actor, "papers", "a", b"1")
    services.copy_object(actor, "papers", "a", "papers", "b")
    services.delete_object(actor, "papers", "a")
    _later(2, monkeypatch)
    sweep()
    assert _kept(place) == 1


def test_whatever_app_refers_to_a_blob_keeps_it(actor: Actor, place: Path, monkeypatch):
    with spooled_bytes(b"report") as spooled:
        blob = make_blob(actor.organisation_id, spooled)
    report = TranscriptionReport.objects.create(
        organisation_id=actor.organisation_id,
        blob=blob,
        starts_at=clock.now(),
        ends_at=clock.now(),
    )
    _later(2, monkeypatch)
    sweep()
    assert _kept(place) == 1
    report.delete()
    sweep()
    assert _kept(place) == Blob.unscoped.count() == 0


def test_expired_objects_go_and_are_no_longer_counted(actor: Actor, monkeypatch):
    soon = clock.now() + timedelta(minutes=5)
    for bucket in ("papers", "others"):
        services.put_bytes(actor, bucket, "a", b"1", expires_at=soon)
        services.put_bytes(actor, bucket, "b", b"22")
    _later(1, monkeypatch)
    sweep()
    assert set(StoredObject.unscoped.values_list("path", flat=True)) == {"b"}
    papers = queries.get_bucket(actor, "papers")
    assert (papers.object_count, papers.size, papers.version) == (1, 2, 3)


def test_an_upload_that_was_given_up_goes_after_a_week(actor: Actor, place: Path, monkeypatch):
    upload = uploads.start_upload(actor, "papers", "a")
    with spooled_bytes(b"part") as part:
        uploads.put_part(actor, upload.pk, 1, part)
    _later(24, monkeypatch)
    sweep()
    assert _kept(place) == 1
    _later(24 * 7, monkeypatch)
    sweep()
    assert _kept(place) == UploadPart.unscoped.count() == Blob.unscoped.count() == 0


def test_bytes_that_never_arrived_leave_their_row_for_a_day(actor: Actor, monkeypatch):
    Blob.objects.create(organisation_id=actor.organisation_id, storage_name="never/came")
    _later(2, monkeypatch)
    sweep()
    assert Blob.unscoped.count() == 1
    _later(24, monkeypatch)
    sweep()
    assert Blob.unscoped.count() == 0


def test_a_storage_that_refuses_is_asked_again(actor: Actor, monkeypatch, caplog):
    services.put_bytes(actor, "papers", "a", b"1")
    services.delete_object(actor, "papers", "a")
    _later(2, monkeypatch)
    with monkeypatch.context() as broken:
        broken.setattr(FileSystemStorage, "delete", lambda self, name: 1 / 0)
        sweep()
    assert Blob.unscoped.count() == 1
    assert "could not be deleted" in caplog.text
    _later(24, monkeypatch)
    sweep()
    assert Blob.unscoped.count() == 0


def test_bytes_that_the_sweep_has_marked_are_not_taken_up_again(actor: Actor):
    services.put_bytes(actor, "papers", "a", b"1")
    Blob.unscoped.update(is_complete=False)
    with pytest.raises(NotFound, match="deleted"):
        services.copy_object(actor, "papers", "a", "papers", "b")


@pytest.mark.django_db
def test_temporary_files_of_the_dead_go_after_a_day():
    scratch.folder().mkdir(parents=True)
    old, new = scratch.folder() / "old", scratch.folder() / "new"
    for file in (old, new):
        file.write_bytes(b"x")
    long_ago = (clock.now() - timedelta(days=2)).timestamp()
    os.utime(old, (long_ago, long_ago))
    sweep()
    assert not old.exists() and new.exists()
