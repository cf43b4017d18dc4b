"""Objects that come in parts."""

import hashlib

import pytest

from common import ids
from files import contents, queries, quota, services, uploads
from files.models import UploadPart
from files.spool import spooled_bytes
from organisations.actor import Actor
from vocabulary.errors import InvalidRequest, NotFound, TooLarge


def _put(actor: Actor, upload, number: int, data: bytes) -> tuple[int, str]:
    with spooled_bytes(data) as spooled:
        part = uploads.put_part(actor, upload.pk, number, spooled)
    return number, part.blob.md5


def test_parts_become_one_object_in_the_order_of_their_numbers(actor: Actor):
    upload = uploads.start_upload(actor, "papers", "a.txt", metadata={"by": "Ann"})
    last, first = _put(actor, upload, 7, b"world"), _put(actor, upload, 2, b"hello ")
    _put(actor, upload, 9, b"not asked for")
    assert [part.number for part in uploads.find_parts(actor, upload.pk)] == [2, 7, 9]
    assert [part.number for part in uploads.find_parts(actor, upload.pk, after=2, limit=1)] == [7]
    stored = uploads.complete_upload(actor, upload.pk, [(2, f'"{first[1]}"'), last])
    assert contents.read_bytes(stored.blob, most=99) == b"hello world"
    digests = hashlib.md5(b"hello ").digest() + hashlib.md5(b"world").digest()
    assert stored.etag == hashlib.md5(digests).hexdigest() + "-2"
    assert (stored.content_type, stored.metadata) == ("text/plain", {"by": "Ann"})
    assert not uploads.find_uploads(actor, "papers")
    assert not UploadPart.unscoped.exists()
    with pytest.raises(NotFound):
        uploads.complete_upload(actor, upload.pk, [first])


def test_a_part_that_is_sent_again_replaces_the_first(actor: Actor):
    upload = uploads.start_upload(actor, "papers", "a")
    old, new = _put(actor, upload, 1, b"old"), _put(actor, upload, 1, b"new")
    with pytest.raises(InvalidRequest, match="part 1"):
        uploads.complete_upload(actor, upload.pk, [old])
    assert contents.read_bytes(uploads.complete_upload(actor, upload.pk, [new]).blob, most=3)


@pytest.mark.parametrize("chosen", [[], [(2, "b"), (1, "a")], [(1, "a"), (1, "a")], [(3, "x")]])
def test_parts_that_are_not_there_or_out_of_order_are_refused(actor: Actor, chosen):
    upload = uploads.start_upload(actor, "papers", "a")
    etags = {"a": _put(actor, upload, 1, b"a")[1], "b": _put(actor, upload, 2, b"b")[1]}
    with pytest.raises(InvalidRequest, match="part"):
        chosen = [(number, etags.get(name, name)) for number, name in chosen]
        uploads.complete_upload(actor, upload.pk, chosen)
    assert uploads.get_upload(actor, upload.pk)


def test_parts_count_against_the_quota_and_only_once(actor: Actor, settings):
    settings.STORAGE_QUOTA_BYTES = 10
    upload = uploads.start_upload(actor, "papers", "a")
    part = _put(actor, upload, 1, b"x" * 8)
    with pytest.raises(TooLarge):
        _put(actor, upload, 2, b"xxx")
    with pytest.raises(TooLarge):
        services.put_bytes(actor, "papers", "b", b"xxx")
    assert quota.find_room(actor, "papers", "b") == 2
    uploads.complete_upload(actor, upload.pk, [part])
    assert quota.find_room(actor, "papers", "a") == 10


def test_an_upload_is_dropped_with_its_parts(actor: Actor):
    upload = uploads.start_upload(actor, "papers", "a")
    _put(actor, upload, 1, b"x")
    uploads.abort_upload(actor, upload.pk)
    assert quota.find_used(actor.organisation_id) == 0
    with pytest.raises(NotFound):
        uploads.abort_upload(actor, upload.pk)


def test_a_stranger_s_upload_is_no_upload(actor: Actor, stranger: Actor):
    upload = uploads.start_upload(stranger, "papers", "a")
    for act in (
        lambda: uploads.get_upload(actor, upload.pk),
        lambda: uploads.abort_upload(actor, upload.pk),
        lambda: uploads.complete_upload(actor, upload.pk, [(1, "x")]),
        lambda: _put(actor, upload, 1, b"x"),
        lambda: uploads.find_parts(actor, ids.new_uuid()),
    ):
        with pytest.raises(NotFound):
            act()
    assert uploads.find_uploads(actor, "papers") == []


@pytest.mark.parametrize("number", [0, -1, 10_001])
def test_a_part_has_a_number_of_its_own(actor: Actor, number: int):
    upload = uploads.start_upload(actor, "papers", "a")
    with pytest.raises(InvalidRequest) as refused:
        _put(actor, upload, number, b"x")
    assert refused.value.path == "part_number"
    assert queries.get_bucket(actor, "papers").size == 0
